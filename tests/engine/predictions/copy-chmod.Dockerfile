# --chmod reaches files and folders, not links; the folder on the way in newer builders only.
FROM scratch
ADD rootfs.tar /
COPY --chmod=600 a.txt /f1
COPY --chmod=0755 d /w
COPY --chmod=4711 a.txt to-a /x/
COPY --chmod=751 links /links
COPY --chmod=700 d /w
