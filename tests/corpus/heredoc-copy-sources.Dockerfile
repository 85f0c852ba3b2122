FROM alpine:3.20
COPY <<one.txt file <<-two.txt /dest/
1
one.txt
	2
	two.txt
ADD <<x /x
x
