FROM alpine:3.20
RU\
N echo
COPY --from=a\
lpine /a\
a /b
ENV KEY="a \
  b" OT\
HER=c
RUN --mount=type=cache,\
target=/x --mount=type=\
ssh id
