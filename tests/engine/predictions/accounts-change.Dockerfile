# Accounts changed and taken away.
# root: system
FROM scratch
ADD system.tar /
RUN groupadd one && groupmod -n two one && groupadd gone && groupdel gone && echo 1 > /one
RUN useradd -m me && gpasswd -a me two && echo 'me:other' | chpasswd && chsh -s /bin/bash me && echo 2 > /two
RUN passwd -d me && passwd -l me && userdel me && echo 3 > /three
RUN useradd -m -d /srv/him him && touch /srv/him/kept && userdel -r him
RUN echo 4 > /four
