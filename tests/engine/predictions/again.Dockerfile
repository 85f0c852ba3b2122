# The same path again and again.
FROM scratch
ADD rootfs.tar /
COPY a.txt /f
RUN rm /f
COPY b.txt /f
RUN mv /f /g && mv /g /f
COPY a.txt /f
RUN rm /f && cp /bin/busybox /f && rm /f
RUN rm -rf /bin/arch && mkdir /bin/arch && echo 1 > /bin/arch/x
RUN rm -rf /tmp && mkdir /tmp && echo 1 > /tmp/f && rm -rf /tmp && mkdir -m 1777 /tmp
