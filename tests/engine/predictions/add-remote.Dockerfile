# Files fetched by ADD: never unpacked, of root, mode 600 unless told otherwise. The test puts a server's address in.
FROM scratch
ADD rootfs.tar /
ADD http://server/a.txt /one
ADD http://server/b.txt http://server/d/x /several/
ADD http://server/plain.tar /tmp/
ADD --chmod=640 --chown=5:6 http://server/a.txt /owned/
ADD --checksum=sha256:6fe58ff1a03132d83f2385c29f705ba2cdad70f3e268d98dc27a064b08a81e6f http://server/a.txt /checked
ADD --link http://server/e/f.txt a.txt /linked/
RUN rm /several/x && mv /one /moved
