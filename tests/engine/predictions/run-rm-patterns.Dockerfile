FROM scratch
ADD rootfs.tar /
COPY d /w
COPY d /v
RUN rm -r /w/s/z* /v/[!s] && rm -f '/v/*' "/w/"x
RUN rm /w/.h*
RUN rm -rf /v/{s,empty} /v/.??*
RUN rm -rf -- /v/* /w
