FROM scratch
ADD rootfs.tar /
ADD <<one /single
text
one
ADD --chmod=600 <<one <<two /several/
1
one
2
two
