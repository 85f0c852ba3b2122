FROM scratch AS parent
ADD rootfs.tar /
WORKDIR /base
ENV NAME=given
ONBUILD COPY a.txt /on/
ONBUILD RUN echo $NAME > on-run && rm -f /on/none
ONBUILD WORKDIR made
FROM parent
COPY b.txt .
RUN rm /on/a.txt
