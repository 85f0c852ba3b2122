ARG OUTER=/outer
FROM scratch
ADD rootfs.tar /
ARG OUTER
ARG WHERE=/srv MODE=604
ENV NAME=n FULL=$WHERE/full
WORKDIR $WHERE
COPY a.txt $NAME
COPY a.txt ${FULL}/
COPY ${NONE:-b}.txt ${FULL%l}/
COPY --chmod=${MODE} --chown=${WHO:-5} a.txt ${OUTER:-/other}/
COPY "$NAME/../a.txt" ./${NAME}-2
