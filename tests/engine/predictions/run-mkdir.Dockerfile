FROM scratch
ADD rootfs.tar /
RUN mkdir /a && mkdir -p /a/b/c /d/e && mkdir -m 700 /f && mkdir -pm 711 /g/h && mkdir -p /a
RUN mkdir -p /tmp/x && cd /tmp/x && mkdir y && mkdir -m u=rwx,go= z
USER 5:6
RUN mkdir -p /tmp/mine/deep && touch /tmp/mine/deep/f
