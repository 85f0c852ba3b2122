# root: debian
FROM scratch
ADD debian.tar /
COPY repo /repo
RUN apt-get update && apt-get install -y demo
RUN apt-get purge -y demo && apt-get autoremove -y
