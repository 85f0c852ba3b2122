# COPY of files: to a name, into a folder, several, exec form, quoted, with blanks.
FROM scratch
ADD rootfs.tar /
WORKDIR /w/v
COPY a.txt one
COPY a.txt b.txt ./
COPY a.txt /w/new/deep/
COPY e/f.txt ..
COPY a.txt /tmp
COPY ["with blank", "/has blank/"]
COPY "a.txt" '/quoted'
COPY run.sh setuid /bin/
