#!/usr/bin/env bash
# up.sh DIR : a real Docker Engine with BuildKit inside, for the tests marked `engine`.
#
# The engine comes from Debian's packages, unpacked in DIR: nothing of it is installed on the system.
# Needs root on a Debian machine and its package mirror; tests never run it. It installs runc, busybox-static, docker-registry,
# and programs that the root file systems of roots.py are made of.
# Then:  . DIR/env.sh; python -m pytest tests/engine; DIR/down.sh
# SUITE picks the Debian release to take the engine from. CONTAINERD_STORE=true uses containerd's image store; its
# env.sh then only names that engine as DFGUARD_CONTAINERD_HOST, beside another one.
# SUITE=bullseye is Docker 20.10 with experimental features; its env.sh only names it as DFGUARD_OLD_HOST.
# BUILDERS=true installs buildah, podman, skopeo, umoci and a C compiler, too: for test_engine_zoo.py and its like.
set -euo pipefail
suite=${SUITE:-trixie}
out=$(realpath -m "${1:?a folder to work in}")
mkdir -p "$out"/apt/lists/partial "$out"/apt/cache/archives/partial "$out"/debs "$out"/root "$out"/config/cli-plugins
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq install -y --no-install-recommends runc busybox-static docker-registry \
    adduser bzip2 ca-certificates jq libarchive-tools locales mawk openssl unzip xz-utils zstd >/dev/null
if [ "${BUILDERS:-false}" = true ]; then
  apt-get -qq install -y --no-install-recommends buildah podman skopeo umoci gcc libc6-dev >/dev/null
fi

# The package source is the one this machine already uses, with the suite changed. runc stays the
# system's: that of a newer suite needs a newer C library, the engine itself does not.
uri=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -oE 'https?://[^ ]*/debian/?( |$)' | head -n 1 | tr -d ' ' || true)
key=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$key] $uri $suite main" >"$out/apt/$suite.list"
apt=(apt-get -qq -o Dir::Etc::sourcelist="$out/apt/$suite.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$out/apt/lists"
  -o Dir::Cache="$out/apt/cache" -o APT::Sandbox::User=root)
"${apt[@]}" update
parts=(docker.io containerd docker-cli docker-buildx docker-compose)
[ "$suite" != bullseye ] || parts=(docker.io containerd) # which holds the client, too
(cd "$out/debs" && "${apt[@]}" download "${parts[@]/%//$suite}")
for package in "$out"/debs/*.deb; do dpkg -x "$package" "$out/root"; done
[ "$suite" = bullseye ] || install -m 755 "$out"/root/usr/libexec/docker/cli-plugins/docker-{buildx,compose} "$out/config/cli-plugins/"
echo '{}' >"$out/config/config.json"
echo "{\"features\": {\"containerd-snapshotter\": ${CONTAINERD_STORE:-false}}}" >"$out/daemon.json"
[ "$suite" != bullseye ] || echo '{"experimental": true}' >"$out/daemon.json"

export PATH="$out/root/usr/sbin:$out/root/usr/bin:$PATH" DOCKER_CONFIG="$out/config" DOCKER_HOST="unix://$out/engine.sock"
driver=(--storage-driver overlay2)
[ "${CONTAINERD_STORE:-false}" = true ] && driver=()
setsid dockerd --config-file "$out/daemon.json" -H "$DOCKER_HOST" --data-root "$out/data" --exec-root "$out/exec" \
  -p "$out/dockerd.pid" "${driver[@]}" --iptables=false --ip6tables=false --bridge=none \
  >"$out/dockerd.log" 2>&1 </dev/null &
for _ in $(seq 150); do docker version >/dev/null 2>&1 && break; sleep 0.1; done

printf 'export PATH=%q:"$PATH" DOCKER_CONFIG=%q DOCKER_HOST=%q\n' \
  "$out/root/usr/sbin:$out/root/usr/bin" "$DOCKER_CONFIG" "$DOCKER_HOST" >"$out/env.sh"
[ "$suite" != bullseye ] || printf 'export DFGUARD_OLD_HOST=%q\n' "$DOCKER_HOST" >"$out/env.sh"
[ "${CONTAINERD_STORE:-false}" = false ] || printf 'export DFGUARD_CONTAINERD_HOST=%q\n' "$DOCKER_HOST" >"$out/env.sh"
printf '#!/bin/sh\nkill "$(cat %q)"\n' "$out/dockerd.pid" >"$out/down.sh"
chmod +x "$out/down.sh"
docker version --format 'engine {{.Server.Version}}'
