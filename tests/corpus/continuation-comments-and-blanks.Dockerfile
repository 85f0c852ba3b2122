FROM alpine:3.20
RUN a && \

  # comment
	
    b && \
#
  c
CMD ["x"]
