#!/usr/bin/env bash
# newest.sh DIR : helix and the newest neovim, for the tests marked `editor`.
#
# They come from Debian's newest packages, unpacked in DIR with the C library that they need: nothing of it is
# installed on the system. Needs a Debian machine and its package mirror; tests never run it.
# Then:  . DIR/env.sh; python -m pytest -m editor tests/lsp
set -euo pipefail
out=$(realpath -m "${1:?a folder to work in}")
mkdir -p "$out"/apt/lists/partial "$out"/apt/cache/archives/partial "$out"/debs "$out"/root "$out"/bin
uri=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -oE 'https?://[^ ]*/debian/?( |$)' | head -n 1 | tr -d ' ' || true)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri sid main" >"$out/apt/sid.list"
apt=(-o Dir::Etc::sourcelist="$out/apt/sid.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$out/apt/lists"
  -o Dir::Cache="$out/apt/cache" -o APT::Sandbox::User=root)
apt-get -qq "${apt[@]}" update

parts=(hx neovim neovim-runtime lua-lpeg)
for part in hx neovim; do # and the libraries that they name
  mapfile -t needed < <(apt-cache "${apt[@]}" depends "$part" | sed -n 's/^ *|\?Depends: \([a-z].*\)/\1/p')
  parts+=("${needed[@]}")
done
mapfile -t parts < <(printf '%s\n' "${parts[@]}" | sort -u)
(cd "$out/debs" && apt-get -qq "${apt[@]}" download "${parts[@]}")
for package in "$out"/debs/*.deb; do dpkg -x "$package" "$out/root"; done

libraries=("$out"/root/usr/lib/*-linux-gnu)
loader=$(find "$out/root/usr" -name 'ld-linux*' | head -n 1)
program() { # program NAME FILE VARIABLE FOLDER: a command that runs FILE with what was unpacked beside it
  printf '#!/bin/sh\nexport %s="%s"\nexec "%s" --library-path "%s" "%s" "$@"\n' \
    "$3" "$4" "$loader" "${libraries[0]}" "$2" >"$out/bin/$1"
  chmod +x "$out/bin/$1"
}
program hx "$out/root/usr/lib/hx/hx" HELIX_RUNTIME "$out/root/usr/lib/hx/runtime"
program nvim "$out/root/usr/bin/nvim" VIMRUNTIME "$out/root/usr/share/nvim/runtime"
versions="$("$out/bin/hx" --version), $("$out/bin/nvim" --version | head -n 1)"
printf 'export DFGUARD_HELIX="%s" DFGUARD_NEWEST_NEOVIM="%s"\n' "$out/bin/hx" "$out/bin/nvim" >"$out/env.sh"
echo "$versions"
