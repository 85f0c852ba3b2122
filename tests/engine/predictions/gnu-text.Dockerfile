# What only reads; and where sort, uniq, awk and openssl write all the same.
# root: text
FROM scratch
ADD text.tar /
COPY files /w
RUN awk '{print $1}' /w/a.txt > /one && sort /w/a.txt | uniq > /two && echo '{"a": 1}' | jq .a > /three
RUN grep -c A /w/a.txt > /four && head -n 1 /w/a.txt | tr A B | cut -c 1 > /five && openssl version > /six
RUN sort -o /w/a.txt /w/a.txt && uniq /w/b.txt /seven && echo 7 > /behind
RUN awk '{print > "/eight"}' /w/a.txt && openssl rand -out /nine 4 && mkdir /again
RUN f() { touch /ten; return; }; f; stat / > /dev/null && basename /w/d > /eleven
