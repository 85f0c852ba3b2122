ARG V=3.20
FROM alpine:$V AS Build
FROM build AS test
FROM scratch
COPY --from=BUILD /a /b
COPY --from=0 /a /b
RUN --mount=type=bind,from=test,target=/t x
