# What ADD does not unpack: a plain .gz, a zip, text, a folder, and anything with COPY.
FROM scratch
ADD rootfs.tar /
ADD notar.gz x.zip a.txt /x/
ADD d /y
COPY plain.tar packed.bin /z/
ADD *.gz /g/
