# needs: parents
# --parents keeps the folders of the sources (labs only).
FROM scratch
ADD rootfs.tar /
COPY --parents d/x e/f.txt /one/
COPY --parents d/./s/y /two/
COPY --parents d /three/
