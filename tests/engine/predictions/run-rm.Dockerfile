FROM scratch
ADD rootfs.tar /
COPY . /w/
RUN rm /w/a.txt; rm -f /w/missing /w/e; rm -rf /w/d/s
RUN rm -rf /w/e
RUN cd /w && rm b.txt; (cd d && rm x); rm -r 'd/'
RUN rm -rf /w/*
RUN rmdir /w || rm -rf /w
RUN mkdir -p /x/y/z && rmdir /x/y/z && unlink /bin/arch
