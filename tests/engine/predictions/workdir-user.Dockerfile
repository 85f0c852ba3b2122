# WORKDIR makes folders that belong to the user; USER, ENV and ARG are followed.
FROM scratch
ADD rootfs.tar /
ENV TOP=/srv
WORKDIR $TOP
WORKDIR one/two
USER 5:6
WORKDIR three
COPY a.txt sub/
USER app
WORKDIR /home/app/x
USER 0:0
WORKDIR /tmp
WORKDIR /w
RUN pwd && echo here > made
