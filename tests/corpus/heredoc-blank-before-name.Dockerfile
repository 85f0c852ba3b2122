FROM alpine:3.20
RUN cat << EOF
ADD a /b
EOF
