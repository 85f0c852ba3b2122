# Here-documents as files: expanded, quoted, with tabs cut, several at once.
FROM scratch
ADD rootfs.tar /
ENV WHO=world
COPY <<one /single
hello $WHO \$WHO
one
COPY <<one <<"two" /several/
1 $WHO
one
2 $WHO
two
COPY <<-one /tabs
	cut
		twice
	one
COPY <<one /tmp
in the folder
one
COPY --chmod=755 --chown=5:6 <<one a.txt /mixed/
#!/bin/sh
one
