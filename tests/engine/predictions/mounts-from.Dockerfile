FROM scratch AS tools
ADD rootfs.tar /
COPY d /d
RUN rm /d/x
FROM scratch
ADD rootfs.tar /
RUN --mount=type=bind,from=tools,source=/d,target=/d cp -r /d/s /s && cp /d/.hidden /h
RUN --mount=from=tools,target=/mnt/all cp -a /mnt/all/d /all
RUN --mount=type=cache,from=tools,source=/d,target=/c cp /c/.hidden /maybe
