FROM scratch AS parent
ADD rootfs.tar /
ONBUILD COPY d /on
FROM parent AS child
RUN rm /on/x
FROM child
RUN touch /on/last
