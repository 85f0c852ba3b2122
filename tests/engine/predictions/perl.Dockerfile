# perl -pi as sed -i; any other program may do what it likes.
# root: text
FROM scratch
ADD text.tar /
COPY files /w
RUN perl -pi -e 's/A/B/' /w/a.txt && perl -i.bak -pe 's/B/C/g' /w/b.txt && perl -0pi -e 's|X|Y|' /w/d/x
RUN perl -pi -e 's,R,S,; s/S/T/' /w/private/run /w/private/key && perl -v > /version
RUN perl -e 'unlink "/w/a.txt"' && echo behind > /behind
