# curl from file://, to a name, named by the address, and through a pipe.
# root: curl
FROM scratch
ADD curl.tar /
COPY files /srv
WORKDIR /got
RUN curl -fsSL file:///srv/a.txt -o one && curl -sO file:///srv/d/x && curl -s file:///srv/b.txt > two
RUN curl -s file:///srv/packed.bin | tar xz && mkdir un && curl -s file:///srv/plain.tar | tar -x -C un
RUN curl -s file:///srv/run.sh | sh
