FROM alpine:3.20
RUM echo
apt-get update
RUN a
