FROM scratch
ADD rootfs.tar /
COPY . /w
RUN chmod 600 /w/a.txt && chmod +x /w/b.txt && chmod go-rwx /w/run.sh && chmod 4755 /w/.env
RUN chmod -R 750 /w/d && chmod -R u+rwX,go-w /w/private
RUN chmod a=r /w/a.txt && chmod u=rw,g=r,o= /w/b.txt && chmod -x /w/run.sh && chmod u+s,g+s /w/.env
RUN chmod 1777 /w/e && chmod 644 /w/to-a && chmod 644 /w/*.txt && chmod 0700 /w
