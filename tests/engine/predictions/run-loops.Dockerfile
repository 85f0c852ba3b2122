# Loops over known words are played, once for each word; what is in them counts as not certain.
FROM scratch
ADD rootfs.tar /
WORKDIR /work
ENV DIR=made
RUN mkdir made && for name in one "two three" 4; do echo x > "$DIR/$name"; done
RUN for name in one 4; do rm made/$name; done && touch after
RUN L="a b" && for each in $L; do mkdir -p /srv/$each && touch /srv/$each/file && chmod 600 /srv/$each/file; done
RUN for outer in a b; do for inner in c d; do touch $outer$inner; done; done
