FROM alpine:3.20
RUN ["cat", "<<EOF"]
COPY ["<<EOF", "/x"]
CMD cat <<EOF
ENV A=<<EOF
LABEL a=<<EOF
