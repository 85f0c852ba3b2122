FROM scratch
ADD rootfs.tar /
COPY . /w
RUN chown 5 /w/a.txt && chown 5:6 /w/b.txt && chown :7 /w/run.sh && chgrp 8 /w/.env
RUN chown -R 10:11 /w/d /w/links && chown app:staff /w/a.txt && chown app /w/e
RUN chown 5:6 /w/setuid && chown -h 9:9 /w/to-a && chown 3:3 /w/to-a
RUN chown -R root:root /w && chown nobody: /w/b.txt
