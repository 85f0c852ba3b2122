# An archive over what is there: folders get its modes, files and links are replaced.
FROM scratch
ADD rootfs.tar /
COPY d /w
RUN mkdir -m 700 /w/dir && echo old > /w/inside && ln -s /tmp /w/sl
ADD plain.tar /w
ADD plain.tar /w
WORKDIR /w/dir
ADD packed.bin .
