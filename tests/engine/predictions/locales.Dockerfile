# root: system
FROM scratch
ADD system.tar /
RUN locale-gen && update-locale LANG=en_GB.UTF-8 && echo 1 > /made
RUN localedef -c -i en_GB -f UTF-8 en_GB.utf8 && echo 2 > /behind
COPY files/a.txt files/b.txt /etc/default/
