FROM alpine:3.20
RUN <<-EOF
	echo tab
		EOF
USER nobody
