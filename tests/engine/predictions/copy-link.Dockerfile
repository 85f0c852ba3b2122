# --link: the layer does not see what is below it.
FROM scratch
ADD rootfs.tar /
COPY --link a.txt /l/one
COPY --link d /l/two/
COPY --link --chown=3:4 --chmod=600 b.txt /l/three/
RUN rm /l/one
COPY --link --chmod=600 d/x /l/again
