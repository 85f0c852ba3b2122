# apt-get update from an archive of the context.
# root: debian
FROM scratch
ADD debian.tar /
COPY repo /repo
RUN apt-get update
RUN rm -rf /var/lib/apt/lists/*
