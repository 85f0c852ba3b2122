FROM alpine:3.20
ONBUILD RUN --mount=type=cache,target=/x a
ONBUILD ENV A=b C=d
onbuild \
  add a b
ONBUILD HEALTHCHECK NONE
ONBUILD NONSENSE x
