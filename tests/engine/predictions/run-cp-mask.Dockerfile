FROM scratch
ADD rootfs.tar /
COPY . /m
RUN umask 077 && cp /m/a.txt /one && mkdir /two && cp -r /m/d /three && echo 1 > /four
RUN umask 002; cp /m/a.txt /five; mkdir -p /six/seven; touch /eight; cp -r /m/private /nine
RUN (umask 027; echo 1 > /ten) && echo 2 > /eleven
