# root: gnu
FROM scratch
ADD gnu.tar /
COPY files /w
RUN sed -i s/A/B/ /w/a.txt && sed -i.bak 's/B/C/' /w/b.txt && sed -e s/x/y/ /w/d/x > /w/out
RUN sed -i -e '1d' -e 's/a/b/' /w/run.sh /w/.env && sed -n p /w/a.txt && cp /w/a.txt /w/copied && sed -ri 's/(.)/\1/' /w/setuid
RUN sed -i 's/A/B/' /w/to-a && sed --in-place=.old s/X/Y/ /w/d/x
