# A build that runs what the project says.
# root: make
FROM scratch
ADD make.tar /
COPY files/d /src
WORKDIR /src
COPY Makefile .
RUN make && make install && echo behind > /behind
