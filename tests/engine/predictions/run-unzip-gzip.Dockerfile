FROM scratch
ADD rootfs.tar /
COPY x.zip notar.gz a.txt /in/
RUN unzip -q /in/x.zip -d /z && cd /tmp && unzip /in/x.zip
RUN gunzip /in/notar.gz && gzip /in/a.txt && gzip -k /in/notar && gzip -c /in/notar > /in/c.gz
