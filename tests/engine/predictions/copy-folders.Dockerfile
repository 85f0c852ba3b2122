# COPY of folders: their content goes, empty folders too; one that is there keeps its own mode.
FROM scratch
ADD rootfs.tar /
COPY d /w
COPY d e/ /both/
COPY d/s /w/s/again/
COPY . /whole/
COPY d /w
COPY private /private
