# root: gnu
FROM scratch
ADD gnu.tar /
COPY files /w
COPY files /v
RUN find /w -name '*.txt' -delete && find /w -type d -empty -delete && find /w/private -mindepth 1 -delete
RUN find /w -type f -name '.h*' -exec rm {} \; && find /w -type l -exec rm -f {} +
RUN cd /w && find . -maxdepth 1 -type f | xargs rm -f && find d -mindepth 1 -type d -exec chmod 700 {} +
RUN find /v -name 'x' | xargs rm && find /v ! -name '*.txt' -type f -exec chmod 600 {} + && find /v -name none -delete
RUN find /v -path '/v/d/*' -name 'z*' -print0 | xargs -0 chmod 640 && find /v -type f -iname 'A*' -exec chown 5:6 {} + && find /v -name '[[]*' -delete
