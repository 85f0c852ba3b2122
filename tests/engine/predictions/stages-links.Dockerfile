FROM scratch AS one
ADD rootfs.tar /
COPY . /w
RUN ln -s /w/d /short && ln -s d /w/rel && cp -a /w/links /kept
FROM scratch
COPY --from=one /short /a
COPY --from=one /short/x /b
COPY --from=one /w/rel/s /c
COPY --from=one /kept /d
COPY --from=one /w/to-a /e
