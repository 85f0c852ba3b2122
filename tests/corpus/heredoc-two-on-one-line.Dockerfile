FROM alpine:3.20
RUN cat <<ONE > /a && cat <<TWO > /b
1
ONE
2
TWO
RUN true
