# Tests that are not followed leave what they look through not known, and only that.
# root: gnu
FROM scratch
ADD gnu.tar /
COPY files /w
RUN find /w/d -newer /w/a.txt -delete && echo 1 > /made
RUN find /w -size +1000k -exec rm {} + && rm -rf /w
