ARG a
RUN b
FROM alpine:3.20
