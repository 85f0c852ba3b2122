FROM alpine:3.20
CMD ['a', 'b']
CMD ["a",]
CMD ["a" "b"]
CMD ["C:\dir"]
CMD ["a
RUN [ -f x ] && echo ["y"]
CMD [1e999]
COPY ['a', 'b']
VOLUME ["a"
HEALTHCHECK CMD ['a']
