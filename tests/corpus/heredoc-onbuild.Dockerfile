FROM alpine:3.20
ONBUILD RUN <<EOF
echo
EOF
ONBUILD COPY <<A <<B /x/
a
A
b
B
CMD x
