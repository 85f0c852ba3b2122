# What a mount covers is no part of the layer; the folders made for it go again.
FROM scratch
ADD rootfs.tar /
COPY d /t
RUN --mount=type=tmpfs,target=/t rm -f /t/x; echo 1 > /t/new; cp /t/new /kept
WORKDIR /t
RUN --mount=type=bind,source=e,target=s,rw rm s/f.txt && echo 2 > s/other && rm x
RUN --mount=type=cache,target=/cache mv /kept /cache/kept
RUN --mount=type=bind,target=/src cp -r /src/d /copied && cp /src/a.txt /src/run.sh /bin
RUN --mount=type=cache,target=/deep/er/cache touch /deep/beside && echo x > /deep/er/cache/f
