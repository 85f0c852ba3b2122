FROM alpine:3.20
ENV A=b C="d e" F=g\ h 'I'=j K=
ENV LEGACY all  the "rest" = x
ENV TAB	value
LABEL a.b="c" "d e"=f
LABEL one two
ARG a b=c d="e f"
ARG x=
ENV A="unclosed b=c
ENV Q=a'b c'd
