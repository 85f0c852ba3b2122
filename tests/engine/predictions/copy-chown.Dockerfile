# --chown by number and by name, on files, folders and the folders on the way.
FROM scratch
ADD rootfs.tar /
COPY --chown=5:6 a.txt /new/deep/
COPY --chown=7 d /d7
COPY --chown=app a.txt /app1
COPY --chown=app:staff d /app2
COPY --chown=:50 a.txt /g
COPY --chown=root:root a.txt /r
COPY --chown=8:9 --chmod=640 d /d7
