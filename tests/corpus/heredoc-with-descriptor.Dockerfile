FROM alpine:3.20
RUN cat 3<<EOF
x
EOF
RUN cat <<<word
RUN echo a<<EOF2
