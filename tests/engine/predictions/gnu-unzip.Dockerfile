# root: gnu
FROM scratch
ADD gnu.tar /
COPY files/x.zip files/notar.gz files/a.txt /in/
RUN unzip -q /in/x.zip -d /z && cd /tmp && unzip -o /in/x.zip
RUN gunzip /in/notar.gz && gzip /in/a.txt && gzip -k /in/notar && gzip -c /in/notar > /in/c.gz && xz -k /in/notar && bzip2 /in/notar
