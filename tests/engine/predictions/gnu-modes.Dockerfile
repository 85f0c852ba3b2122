# root: gnu
FROM scratch
ADD gnu.tar /
COPY files /w
RUN chmod 600 /w/a.txt && chmod +x /w/b.txt && chmod go-rwx /w/run.sh && chmod 4755 /w/.env && chmod -x /w/e/f.txt
RUN chmod -R 750 /w/d && chmod -R u+rwX,go-w /w/private && chmod 2775 /w/e && touch /w/e/group && mkdir /w/e/sub
RUN chown -R 10:11 /w/d /w/links && chown app:staff /w/a.txt && chown 5 /w/setuid && chown -h 9:9 /w/to-a && chgrp 8 /w/.env
RUN chown app: /w/b.txt && chown --recursive root:root /w/d && chmod a=rX,u+w /w/run.sh && chmod --reference=/w/a.txt /w/b.txt
