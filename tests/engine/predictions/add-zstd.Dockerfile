# needs: zstd
# A tar compressed with zstd is unpacked too; a cut one, and what is no tar inside, are copied.
FROM scratch
ADD rootfs.tar /
ADD a.tar.zst /zst/
