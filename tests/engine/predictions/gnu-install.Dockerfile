# root: gnu
FROM scratch
ADD gnu.tar /
COPY files /m
RUN install /m/a.txt /one && install -m 600 /m/a.txt /two && install -m 640 -o 5 -g 6 /m/a.txt /three
RUN install -d /x/y && install -d -m 700 -o 5 /z && install -m 755 /m/a.txt /m/b.txt /x/y
RUN install -D -m 644 /m/a.txt /deep/er/file && install -t /tmp /m/run.sh && install /m/b.txt /one && install -Dt /new/er /m/b.txt
