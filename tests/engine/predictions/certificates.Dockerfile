# A certificate of one's own; the links and the bundle that come of it are not known.
# root: system
FROM scratch
ADD system.tar /
COPY files/a.txt /usr/local/share/ca-certificates/own.crt
RUN update-ca-certificates && echo 1 > /made
RUN rm /usr/local/share/ca-certificates/own.crt && mkdir /behind
