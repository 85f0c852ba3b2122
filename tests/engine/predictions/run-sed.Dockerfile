FROM scratch
ADD rootfs.tar /
COPY . /w
RUN sed -i s/A/B/ /w/a.txt && sed -i.bak 's/B/C/' /w/b.txt && sed -e s/x/y/ /w/d/x > /w/out
RUN sed -i -e '1d' -e 's/a/b/' /w/run.sh /w/.env && sed -n p /w/a.txt && cp /w/a.txt /w/copied && mv /w/a.txt /w/moved
