# Sources and destinations with dots.
FROM scratch
ADD rootfs.tar /
WORKDIR /w/v
COPY ./d/../a.txt ./x/../y
COPY d/. .
COPY ../../a.txt /up/
COPY /d/s /abs
COPY . .
COPY e/.. ../v2
