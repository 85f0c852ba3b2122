# git clone of a repository of the context.
# root: git
FROM scratch
ADD git.tar /
COPY files/d /src/d
RUN cd /src && git init -q . && git -c user.name=a -c user.email=a@b add d && git -c user.name=a -c user.email=a@b commit -qm one
RUN git clone -q file:///src /dst && rm -rf /dst/.git
RUN cd /tmp && git clone -q /src && git config --global user.name me && touch src/d/more
