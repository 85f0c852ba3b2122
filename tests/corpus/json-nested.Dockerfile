FROM alpine:3.20
CMD [["a"], {"b": [null, true, -1.5e3]}]
