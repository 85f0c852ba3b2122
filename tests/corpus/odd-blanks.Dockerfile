FROM	alpine:3.20ASx
RUN a
CMD x y
EXPOSE 80 	 81
USER  a 
