# a comment ends the directives
# escape=`
FROM alpine:3.20
RUN a `
RUN b
