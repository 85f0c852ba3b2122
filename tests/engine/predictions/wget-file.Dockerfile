# wget from a server of its own on the loopback device.
FROM scratch
ADD rootfs.tar /
COPY d /srv
RUN (httpd -p 127.0.0.1:8080 -h /srv) && wget -q http://127.0.0.1:8080/x && wget -q -O /got http://127.0.0.1:8080/s/y
RUN httpd -p 127.0.0.1:8080 -h /srv && cd /tmp && wget -qO- http://127.0.0.1:8080/x > piped && mkdir /into && wget -P /into http://127.0.0.1:8080/x
