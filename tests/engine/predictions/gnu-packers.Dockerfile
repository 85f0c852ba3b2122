# root: packers
FROM scratch
ADD packers.tar /
COPY files/d /w/d
COPY files/a.txt files/b.txt files/plain.tar files/packed.bin /in/
RUN cd /in && zstd -q a.txt && zstd -q --rm b.txt && unzstd -q b.txt.zst && rm a.txt && unzstd -q a.txt.zst
RUN bzip2 /in/a.txt && bunzip2 /in/a.txt.bz2 && xz /in/b.txt && unxz -k /in/b.txt.xz && zstd -dq -f /in/a.txt.zst
RUN mkdir /x1 && bsdtar -xf /in/plain.tar -C /x1 && mkdir /x2 && cd /x2 && bsdtar xzf /in/packed.bin
RUN bsdtar -cf /one.tar -C /w d && mkdir /x3 && bsdtar -xf /one.tar -C /x3 && chdir /x3 && rm -r d
