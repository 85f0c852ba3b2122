# Links: followed when a source names them, kept in a folder; destinations that are links.
FROM scratch
ADD rootfs.tar /
COPY to-a /plain
COPY to-a /named/
COPY to-d /folder
COPY d/to-x d/x /both/
COPY links /links
RUN ln -s /folder /soft && ln -s /tmp/target /dangling
COPY a.txt /soft/
COPY b.txt /soft/s/
COPY d /soft
