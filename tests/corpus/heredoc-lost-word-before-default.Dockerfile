FROM alpine:3.20
RUN cat <<E${x:-y}
E
RUN a"${x:-y}"<<EOF
EOF
