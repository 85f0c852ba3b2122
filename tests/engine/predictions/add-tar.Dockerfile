# ADD unpacks what is a tar by its content, plain or compressed, whatever it is called.
FROM scratch
ADD rootfs.tar /
ADD plain.tar /plain
ADD packed.bin /gz/
ADD a.tar.bz2 /bz/deep
ADD a.tar.xz /xz/
ADD --chown=8:9 --chmod=700 plain.tar /owned/
ADD a.txt plain.tar /mixed/
