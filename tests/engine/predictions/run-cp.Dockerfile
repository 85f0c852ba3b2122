FROM scratch
ADD rootfs.tar /
COPY . /m
RUN cp -r /m/d /n && cp -r /m/d/. /o && cp -r /m/d /n && cp /m/a.txt /m/d/s
RUN cp /m/*.txt /tmp && cp /m/run.sh /m/setuid /tmp
RUN mkdir -p /p/q && cp -r /m/d /p/q/r && cp -r /m/d /p/q
RUN ln -s /m /soft && cp -r /soft/d/s /soft/t && cp /soft/to-a /copied && cp -P /soft/to-a /kept
RUN cp -a /m/private /arch && cp -r /m/private /plain && cp -p /m/b.txt /pres
RUN cp /m/b.txt /m/run.sh && cp -p /m/b.txt /m/a.txt && cp -L /m/to-a /deref && cp -d /m/to-a /nd
