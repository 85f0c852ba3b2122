"""Base images of the structural pairs: busybox, a program that needs nothing, and scripts named as real tools.

The engine of the tests has no network. A stand-in does what its original does to files, and fails where that does:
`npm ci` without a lock file, `go build` without go.mod, `rm` of a mounted secret. What it "downloads" is its own.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

BULK = 3_000_000  # bytes of a tool chain, or of a package

APT = """#!/bin/sh
set -e
lists=/var/lib/apt/lists
verb=; names=
for word in "$@"; do
  case "$word" in -*) ;; *) if [ -z "$verb" ]; then verb=$word; else names="$names $word"; fi;; esac
done
case "$verb" in
update) mkdir -p $lists; head -c 1000000 /usr/lib/bulk > $lists/packages;;
install) [ -e $lists/packages ] || { echo "E: Unable to locate package" >&2; exit 100; }
  for name in $names; do
    mkdir -p /usr/lib/$name; cp /usr/lib/bulk /usr/lib/$name/; echo $name >> /var/lib/installed
  done;;
purge|remove) for name in $names; do rm -r /usr/lib/$name; done;;
esac
"""
NPM = """#!/bin/sh
set -e
[ -e package.json ] || { echo "no package.json" >&2; exit 1; }
case "$1" in
ci) [ -e package-lock.json ] || { echo "npm ci needs a lock file" >&2; exit 1; }
  if [ -e private ] && ! grep -q authToken .npmrc 2>/dev/null && [ -z "$NPM_TOKEN" ]; then echo "401" >&2; exit 1; fi
  rm -rf node_modules; mkdir -p node_modules/dep
  echo "dep $(cat package-lock.json | wc -c)" > node_modules/dep/index.js;;
run) [ "$2" = build ] && mkdir -p dist && cat src.js node_modules/dep/index.js > dist/server.js;;
cache) rm -rf /root/.npm;;
esac
"""
NODE = """#!/bin/sh
echo node; exec cat "$1"
"""
PYTHON = """#!/bin/sh
if [ "$1 $2" = "-m venv" ]; then
  mkdir -p "$3/bin"; for tool in python pip; do cp "$(dirname "$0")/$tool" "$3/bin/"; done; exit 0
fi
if [ "$1 $2" = "-m pip" ]; then shift 2; exec "$(dirname "$0")/pip" "$@"; fi
echo python; exec cat "$1"
"""
PIP = """#!/bin/sh
set -e
place=$(dirname "$0")
while [ $# -gt 0 ]; do case "$1" in
-r) cat "$2" > /dev/null
  while read -r line; do
    case "$line" in compiled*) [ -d /usr/lib/gcc ] || { echo "error: command 'gcc' failed" >&2; exit 1; };; esac
    printf '#!/bin/sh\\necho served by %s\\n' "$line" > "$place/serve"; chmod +x "$place/serve"
  done < "$2"; shift 2;;
*) shift;;
esac; done
"""
GO = """#!/bin/sh
set -e
case "$1" in
mod) [ -e go.mod ] && mkdir -p /go/pkg/mod && cp /usr/lib/bulk /go/pkg/mod/;;
build) [ -e go.mod ] || { echo "go: cannot find main module" >&2; exit 1; }
  out=$(basename "$(sed -n 's/^module //p' go.mod)")
  while [ $# -gt 0 ]; do if [ "$1" = -o ]; then out=$2; fi; shift; done
  if [ "$CGO_ENABLED" = 0 ]; then cp /usr/lib/program-static "$out"; else cp /usr/lib/program "$out"; fi;;
esac
"""
CARGO = """#!/bin/sh
set -e
name=$(sed -n 's/^name = "\\(.*\\)"/\\1/p' Cargo.toml)
case "$1" in
build) mkdir -p target/release; cp /usr/lib/program "target/release/$name";;
install) mkdir -p /usr/local/cargo/bin; cp /usr/lib/program "/usr/local/cargo/bin/$name"
  ln -sf "/usr/local/cargo/bin/$name" /bin/;;
esac
"""
MVN = """#!/bin/sh
set -e
[ -e pom.xml ] || exit 1
mkdir -p target /root/.m2; cp /usr/lib/bulk /root/.m2/; cat pom.xml > target/app.jar
"""
JAVA = """#!/bin/sh
while [ $# -gt 1 ]; do shift; done
echo java; exec cat "$1"
"""
DOTNET = """#!/bin/sh
set -e
case "$1" in
publish) while [ $# -gt 0 ]; do if [ "$1" = -o ]; then out=$2; fi; shift; done
  mkdir -p "$out"; cat *.csproj > "$out/Shop.dll";;
restore) [ -e Shop.csproj ];;
*) echo dotnet; exec cat "$1";;
esac
"""
GIT = """#!/bin/sh
set -e
case "$2" in *private*) grep -q KEY /root/.ssh/id_rsa 2>/dev/null || grep -q password /root/.netrc;; esac
mkdir -p "$3"; echo "cloned" > "$3/file"
"""
TOOLS = {
    "apt-get": APT, "npm": NPM, "node": NODE, "python": PYTHON, "pip": PIP, "go": GO, "cargo": CARGO,
    "mvn": MVN, "java": JAVA, "dotnet": DOTNET, "git": GIT,
}  # fmt: skip
# The tools of each image; those that build are as large as BULK.
IMAGES = {
    "debian": ("apt-get", "git"),
    "node": ("npm", "node", "apt-get"),
    "python": ("python", "pip", "apt-get"),
    "golang": ("go", "apt-get", "git"),
    "rust": ("cargo", "apt-get"),
    "maven": ("mvn", "java"),
    "mcr.microsoft.com/dotnet/sdk": ("dotnet",),
}
RUNTIMES = {
    "gcr.io/distroless/static-debian12": (),
    "gcr.io/distroless/cc-debian13": ("libc",),
    "alpine:3.22": ("sh",),
    "eclipse-temurin:21-jre": ("sh", "java"),
    "mcr.microsoft.com/dotnet/aspnet:8.0": ("sh", "dotnet"),
}
SOURCE = '#include <stdio.h>\nint main(int n, char **v) { FILE *f = fopen("web/page", "r"); char b[99] = "none";\n'
SOURCE += ' if (f) fgets(b, 99, f); printf("started %s\\n", b); return 0; }\n'


def programs(folder: Path) -> dict[str, bytes]:
    """The program that the builds make, linked against the libc of this machine and with all in it."""
    (folder / "p.c").write_text(SOURCE)
    found = {}
    for name, options in (("program", ()), ("program-static", ("-static",))):
        command = ["gcc", *options, "-o", str(folder / name), str(folder / "p.c")]
        subprocess.run(command, check=True, capture_output=True)
        found[f"usr/lib/{name}"] = (folder / name).read_bytes()
    said = subprocess.run(["ldd", str(folder / "program")], check=True, capture_output=True, text=True).stdout
    for word in said.split():
        if word.startswith("/") and "vdso" not in word:
            found[word.lstrip("/")] = Path(word).read_bytes()
    return found


def with_files(root: bytes | None, files: dict[str, bytes]) -> bytes:
    """A root file system with more files, all executable; of nothing at all without one."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        if root is not None:
            with tarfile.open(fileobj=io.BytesIO(root)) as given:
                for member in given:
                    if member.name not in files:
                        archive.addfile(member, given.extractfile(member) if member.isfile() else None)
        for name, data in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.mode, entry.size = 0o755, len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def image(name: str, root: bytes, made: dict[str, bytes]) -> bytes:
    """The root of a base image that builds."""
    tools = {f"bin/{tool}": TOOLS[tool].encode() for tool in IMAGES[name]}
    others = {"usr/lib/bulk": bytes(BULK), "etc/apt/apt.conf.d/docker-clean": b"clean;\n"}
    return with_files(root, {**made, **tools, **others})


def runtime(name: str, root: bytes, made: dict[str, bytes]) -> bytes:
    """The root of an image that only runs."""
    wants = RUNTIMES[name]
    libraries = {path: data for path, data in made.items() if "program" not in path}
    files = {f"bin/{tool}": TOOLS[tool].encode() for tool in wants if tool in TOOLS}
    files["etc/passwd"] = b"root:x:0:0:root:/root:/sbin/nologin\n"
    return with_files(root if "sh" in wants else None, files | (libraries if "libc" in wants else {}))
