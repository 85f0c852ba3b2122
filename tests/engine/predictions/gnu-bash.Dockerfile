# bash: braces, its own redirections, here-strings.
# root: gnu
FROM scratch
ADD gnu.tar /
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN mkdir -p /a/{b,c}/d && touch /a/{b,c}/f{1,2} && echo x &> /a/both && cat <<< text > /a/here
RUN rm -rf /a/{b,none} && for f in 1 2; do echo $f > /a/$f; done && [[ -e /a/both ]] && echo y > /a/maybe
RUN pushd /a && touch pushed && popd && touch popped && echo -e 'a\tb' > /a/tab
