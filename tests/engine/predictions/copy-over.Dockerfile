# What is written over: files, links, and the same again.
FROM scratch
ADD rootfs.tar /
COPY a.txt /w/f
COPY b.txt /w/f
COPY --chmod=600 b.txt /w/f
RUN ln -s f /w/l
COPY a.txt /w/l
COPY d /w
COPY d/s /w
