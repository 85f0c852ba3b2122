# Redirections and what echo, printf and cat print.
FROM scratch
ADD rootfs.tar /
COPY d /m
RUN echo new > /m/new && echo more >> /m/x && touch /m/s/y && echo t | tee /m/t1 /m/t2
RUN : > /m/x && > /m/s/y && echo -n a > /m/n && printf '%s\n' a b c > /m/p && printf 'a\tb%%' >> /m/p
RUN echo gone > /m/gone && rm /m/gone && mv /m/new /m/newer && rm /m/newer
RUN cat <<X > /m/h && cat <<'Y' >> /m/h
one
X
two $X
Y
RUN { echo 1; echo 2; } > /m/both && echo x >| /m/t1 && echo y 2> /m/err
RUN cat /m/p > /m/q && cat < /m/h > /m/i && echo z | tee -a /m/p && date > /m/date && cat /m/p /m/q > /m/r
RUN echo a b   "c  d" > /m/e1; echo 'it'"'"'s' > /m/e2; V=5; echo $V ${V}6 > /m/e3
RUN <<E
echo first > /m/doc
cat <<'IN' >> /m/doc
inner
IN
E
