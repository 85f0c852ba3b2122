FROM scratch
ADD rootfs.tar /
COPY d /m
RUN ["rm", "/m/x"]
RUN ["sh", "-c", "rm /m/s/y && mv /m/s /m/r"]
SHELL ["/bin/sh", "-ec"]
RUN sh -c 'cd /m && rm r/z.txt' && rm -r /m/r
SHELL ["/bin/sh", "-eo", "pipefail", "-c"]
RUN echo a | tee /m/a; echo b > /m/b
RUN <<E
#!/bin/sh
set -eu
cd /m
echo c > c
E
RUN env A=1 touch /m/d1 && exec touch /m/d2
