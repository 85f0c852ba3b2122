# useradd, groupadd, usermod and ldconfig of Debian change the files of the system.
# root: accounts
FROM scratch
ADD accounts.tar /
RUN groupadd -g 2000 grp && useradd -u 2000 -g grp -m -s /bin/sh me && echo 1 > /made && chown me:grp /made
RUN useradd -r -M sys && usermod -aG grp sys && ldconfig
RUN useradd --system --no-create-home --uid 3000 other
COPY --chown=me:grp files/a.txt /owned
