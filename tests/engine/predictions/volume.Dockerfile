# BuildKit keeps what is written below a VOLUME.
FROM scratch
ADD rootfs.tar /
COPY d /data
VOLUME /data /other
RUN echo 1 > /data/new && rm /data/x
COPY a.txt /other/
VOLUME ["/third"]
RUN mkdir /third && touch /third/f
