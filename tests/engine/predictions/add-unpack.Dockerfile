# needs: unpack
# --unpack forbids or asks for it (Docker 28).
FROM scratch
ADD rootfs.tar /
ADD --unpack=false plain.tar /x/
ADD --unpack=true plain.tar /y/
ADD --unpack plain.tar /z/
