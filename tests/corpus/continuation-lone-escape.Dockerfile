FROM alpine:3.20
\
RUN a
  \

  ENV A=b \
  \
  C=d
