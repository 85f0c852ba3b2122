FROM alpine:3.20
RUN <<"END OF IT"
echo $HOME
END OF IT
COPY <<'Q' /q
$x
Q
RUN <<E"O"F
echo
EOF
