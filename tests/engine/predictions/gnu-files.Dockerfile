# GNU's own cp, mv, rm, ln, mkdir, rmdir do as BusyBox's; options that only they have.
# root: gnu
FROM scratch
ADD gnu.tar /
COPY files /m
RUN cp -r /m/d /n && cp -a /m/private /arch && cp -r /m/private /plain && cp /m/b.txt /m/run.sh && cp -p /m/b.txt /m/a.txt
RUN cp -t /tmp /m/run.sh && mv -t /var /n && ln -t /usr -s a b && ln -sr /m/e/f.txt /m/d/rel && mv -T /plain /moved
RUN umask 027 && cp -r /m/d /masked && mkdir -p /one/two && touch /one/two/f && cp --preserve=mode /m/e/f.txt /kept
RUN rm -rf /m/links && ln /m/e/f.txt /hard && rmdir --ignore-fail-on-non-empty /m && cp -v /m/setuid /suid && cp -L /m/to-a /deref
