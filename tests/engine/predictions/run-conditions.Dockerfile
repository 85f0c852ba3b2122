# What may not run is not certain; what surely runs is.
FROM scratch
ADD rootfs.tar /
COPY d /m
RUN if [ -f /m/x ]; then rm /m/x; else touch /m/none; fi && echo 1 > /one
RUN [ -f /nope ] && rm /m/.hidden; echo 2 > /two
RUN test -d /m || mkdir /m; for f in a b; do touch /m/$f; done
RUN false && rm -rf /m; cd /nope 2>/dev/null && rm -rf *; true
RUN set -e; echo 3 > /three; cd /m; touch four; exit 0; rm -rf /m
RUN while [ ! -e /five ]; do touch /five; done; case x in x) echo 6 > /six;; esac
RUN f() { mkdir -p "$1"; echo 7 > /seven; }; f /eight && (exit 1) || echo 9 > /nine
RUN ! rm /nope && echo ten > /ten || echo no > /no
