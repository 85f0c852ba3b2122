FROM alpine:3.20
RUN <<E\OF
echo
EOF
USER nobody
