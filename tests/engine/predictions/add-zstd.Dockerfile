# needs: zstd
# A tar compressed with zstd is unpacked too; what is in it is not read here.
FROM scratch
ADD rootfs.tar /
ADD a.tar.zst /zst/
