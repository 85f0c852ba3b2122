FROM scratch
ADD rootfs.tar /
COPY d /m
RUN touch /m/x /m/new && touch -c /m/none && truncate -s 0 /m/.hidden && truncate -s 5 /m/s/y
RUN touch /m/new /m/s && touch -d '2000-01-01 00:00' /m/dated && rm /m/new
