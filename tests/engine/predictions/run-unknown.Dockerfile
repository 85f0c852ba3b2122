# A program that nothing is known of may do anything; what comes behind it is known again.
FROM scratch
ADD rootfs.tar /
COPY d /m
COPY run.sh /run.sh
RUN /run.sh
RUN echo known > /again && rm -f /m/x && mv /again /m/
RUN sh /run.sh && touch /behind
