FROM alpine:3.20
LABEL who="José" x=ÿ
RUN echo é \
  è
