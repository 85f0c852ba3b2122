# secrets: k, other
# A secret stays out unless a command writes it down.
FROM scratch
ADD rootfs.tar /
RUN --mount=type=secret,id=k cat /run/secrets/k > /leaked
RUN --mount=type=secret,id=k,target=/etc/token,mode=0444 cp /etc/token /copied && mkdir /made
RUN --mount=type=secret,id=other --mount=type=secret,id=k touch /run/beside
RUN --mount=type=ssh echo 1 > /ssh
