FROM scratch
ADD rootfs.tar /
COPY d /m
RUN ln /m/.hidden /m/hard && ln -s x /m/soft && ln -s ../x /m/s
RUN ln -s /m/x && ln -sf y /m/soft && ln -s /m /to && ln -sfn /tmp /to && ln -sf none /to
RUN ln -s /m/x /m/s/y /tmp && ln -snf /m /m/s/back && ln -s a b /tmp
RUN ln -f /m/x /m/hard && echo more >> /m/hard
