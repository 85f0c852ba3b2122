FROM --platform=$BUILDPLATFORM alpine:3.20 AS b
RUN --mount=type=cache,target=/x --network=none --security=insecure -- --not-a-flag
COPY --chown="a b":c --chmod=0\755 --link --exclude=x --exclude=y --parents a b
ADD --checksum=sha256:0 --keep-git-dir=true https://x/y /z
HEALTHCHECK --interval=1m30s --timeout=.5s --start-period=0 --start-interval=1s --retries=3 CMD x
RUN --mount=type=secret,id=a --mount=type=ssh
RUN -x --y
