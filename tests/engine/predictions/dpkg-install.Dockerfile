# root: debian
FROM scratch
ADD debian.tar /
COPY repo/demo_1.0_all.deb /tmp/
RUN dpkg -i /tmp/demo_1.0_all.deb && rm /tmp/demo_1.0_all.deb
RUN dpkg -l && dpkg -s demo > /state && dpkg --print-architecture
