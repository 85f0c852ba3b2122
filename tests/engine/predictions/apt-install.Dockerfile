# One layer: lists, package, lists away again.
# root: debian
FROM scratch
ADD debian.tar /
COPY repo /repo
RUN apt-get update && apt-get install -y --no-install-recommends demo && rm -rf /var/lib/apt/lists/*
RUN echo behind > /behind
