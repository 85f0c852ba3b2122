# Patterns as Go's filepath.Match reads them.
FROM scratch
ADD rootfs.tar /
COPY *.txt /dest/
COPY [^l]* /all/
COPY d/* /flat/
COPY [[]id].js /x/
COPY d?s/ none* a.txt /y/
COPY d*/ /z/
COPY [ab].txt /w/
COPY [!a].txt* [^b].t?t /v/
COPY */f.txt /u/
