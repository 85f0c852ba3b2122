# adduser, addgroup, deluser and delgroup of Debian.
# root: system
FROM scratch
ADD system.tar /
RUN adduser --disabled-password --gecos '' me && echo 1 > /home/me/own && chown me:me /home/me/own
RUN addgroup --gid 3000 grp && adduser me grp && deluser me grp && delgroup grp && echo 2 > /two
RUN adduser --system --no-create-home --group sys && echo 3 > /three && deluser sys
COPY --chown=me files/d /home/me/d
