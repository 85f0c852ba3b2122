FROM scratch AS below
ADD rootfs.tar /
WORKDIR /app
COPY . .
FROM scratch AS aside
COPY a.txt /
FROM below AS above
RUN rm .env && mv d ..
COPY --from=aside / from-aside
FROM above
WORKDIR sub
COPY a.txt ../..
RUN rm -r /d ../a.txt
