FROM scratch AS one
ADD rootfs.tar /
COPY . /s/
RUN rm /s/b.txt && mkdir /s/empty && chmod 700 /s/d
FROM scratch AS two
COPY --from=one /s/d /t
COPY --from=0 /s/[^l]* /u/
COPY --from=one --chown=5:6 --chmod=640 /s/d /v
FROM scratch
COPY --from=two /t/x /file
COPY --from=two /t/x /folder/
COPY --from=two t /t
COPY --from=1 /u/s/../* /w/
COPY --from=one /s/.e* /s/d/s /x/
COPY --from=one /s/empty /y
COPY --from=two / /all/
