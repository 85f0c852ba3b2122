# needs: exclude
# --exclude by name, by path and by several patterns (Docker 28).
FROM scratch
ADD rootfs.tar /
COPY --exclude=*.txt . /one/
COPY --exclude=d . /two/
COPY --exclude=**/y --exclude=x d /three
COPY --exclude=s d /four
COPY --exclude=d/x . /five/
COPY --exclude=*.txt a.txt run.sh /six/
COPY --exclude=*.txt *.txt run.sh /seven/
COPY --exclude=a.txt a.txt /eight/
COPY --exclude=d d /nine/
