# root: gnu
FROM scratch
ADD gnu.tar /
COPY files/d /w/d
COPY files/plain.tar files/packed.bin files/a.tar.xz files/a.tar.bz2 /in/
COPY demo-1.0.0.tgz /in/plain.tgz
RUN tar -cf /one.tar -C /w d && mkdir /x1 && tar -xf /one.tar -C /x1
RUN cd /w && tar czf /two.tgz d/x d/s && cd /tmp && tar xzf /two.tgz
RUN mkdir /x2 /x3 /x4 && tar xf /in/plain.tar -C /x2 && tar -xzf /in/packed.bin -C /x3 && tar -C /x4 -xJf /in/a.tar.xz
RUN mkdir /x5 && tar xf /in/plain.tar -C /x5 --strip-components=1 && rm /in/plain.tar && mkdir /x9 && tar -xjf /in/a.tar.bz2 -C /x9
RUN mkdir /x6 && tar -xf /in/packed.bin -C /x6 inside dir && mkdir /x7 && tar -cf - -C /w/d . | tar -xf - -C /x7
RUN mkdir /x8 && cd /x8 && tar xzf - < /in/packed.bin && gunzip -c /in/packed.bin | tar x -C /tmp
RUN mkdir /y1 && tar --no-same-owner -xzf /in/packed.bin -C /y1 && mkdir /y2 && tar -xzf /in/plain.tgz --exclude=dir -C /y2
