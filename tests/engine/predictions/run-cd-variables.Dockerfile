FROM scratch
ADD rootfs.tar /
COPY . /w
ENV TOP=/w
ARG LEAF=s
RUN cd $TOP/d && rm x && cd ${LEAF} && rm y && cd .. && rm .hidden
RUN A=/w; B=$A/e; rm $B/f.txt && mkdir "$A/g h" && export C=/w/c && touch $C
RUN cd /w; (cd d; rm -r s); pwd > here; cd; pwd > there; echo $HOME > ~/home
WORKDIR /w
RUN rm a.txt && cd d && touch ../back && cd - && touch forth
