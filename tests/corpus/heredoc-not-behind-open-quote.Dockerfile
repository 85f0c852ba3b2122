FROM alpine:3.20
RUN echo it's <<EOF
CMD not a body
RUN echo ${x@Q} <<EOF
CMD nor here
