FROM scratch
ADD rootfs.tar /
COPY . /w/
RUN mv /w/a.txt /w/renamed && mv /w/d /w/e/
RUN mv /w/e /moved && mv /moved/d/* /moved
RUN mv /w/b.txt /w/.env /tmp && rm /tmp/.env
RUN mv /w/run.sh /w/renamed && mv -t /tmp /w/renamed
RUN mv -T /moved /again && mv /again/to-x /again/link && mkdir /e && mv /e /again/s
