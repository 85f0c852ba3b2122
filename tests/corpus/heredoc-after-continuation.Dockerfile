FROM alpine:3.20
RUN set -e; \
    # a comment
    cat <<EOF \
    > /out
body \
EOF
RUN true
