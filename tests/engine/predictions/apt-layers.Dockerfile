# The same in three layers.
# root: debian
FROM scratch
ADD debian.tar /
COPY repo /repo
RUN apt-get update
RUN apt-get install -y demo
RUN apt-get clean && rm -rf /var/lib/apt/lists/*
