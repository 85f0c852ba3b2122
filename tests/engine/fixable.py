"""Dockerfiles that safe fixes change, drawn at random: pieces with what makes a rule speak, in files that build.

Each piece names the rule whose fix it is for. The base image is GNU's tools with dpkg and apt, an archive of one
package in /repo, and stand-ins for pip and dnf that keep a cache as those do.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import packages
import roots

FROM = "debian:12.8-slim"
FILES = {"a.txt": "A\n", "b.txt": "B\n", "d/x.txt": "X\n", "d/y.log": "Y\n", "e/z.txt": "Z\n"}
PIP = """#!/bin/sh
# A stand-in: installs names as files, and keeps a cache of what it "fetched".
keep=1
for word in "$@"; do
  case "$word" in --no-cache-dir) keep=; esac
done
for word in "$@"; do
  case "$word" in
    install|-*) ;;
    *) mkdir -p /opt/site && echo "$word" > "/opt/site/${word%%=*}"
       [ -z "$keep" ] || { mkdir -p /root/.cache/pip && echo "$word" > "/root/.cache/pip/${word%%=*}"; } ;;
  esac
done
"""
DNF = """#!/bin/sh
# Another: what dnf leaves.
mkdir -p /var/cache/dnf/repo-1/packages /var/lib/rpm
echo list > /var/cache/dnf/repo-1/primary.xml
echo "$@" >> /var/lib/rpm/installed
"""


class Piece(NamedTuple):
    """Lines of a Dockerfile with `{n}` for a number of their own, and the code of the rule that mends them."""

    code: str
    lines: str


PIECES = (
    Piece("DG403", "RUN apt-get update && apt install -y demo && rm -rf /var/lib/apt/lists/*"),
    Piece(
        "DG403",
        "RUN apt-get update \\\n && apt install -y --no-install-recommends demo \\\n && rm -rf /var/lib/apt/lists/*",
    ),
    Piece("DG402", "RUN apt-get update && apt-get install --no-install-recommends demo && rm -rf /var/lib/apt/lists/*"),
    Piece(
        "DG402", "RUN apt-get update && apt-get install -y demo && apt-get autoremove && rm -rf /var/lib/apt/lists/*"
    ),
    Piece("DG411", "RUN apt-get update && apt-get install -y --no-install-recommends demo"),
    Piece("DG411", "RUN apt-get update \\\n    && apt-get install -y demo"),
    Piece("DG520", "RUN pip install p{n}==1 other"),
    Piece("DG520", "RUN mkdir -p /root/.cache/kept && pip install p{n}==1"),
    Piece("DG520", "RUN dnf install -y p{n} && mkdir /n{n}"),
    Piece("DG709", "WORKDIR w{n}\nCOPY a.txt ."),
    Piece("DG709", "WORKDIR './w{n}'\nRUN pwd > here"),
    Piece("DG710", "ADD a.txt /a{n}"),
    Piece("DG710", "ADD --chown=3:4 a.txt b.txt /ab{n}/"),
    Piece("DG710", "add --chmod=640 d /d{n}"),
    Piece("DG710", "ADD d/*.txt /g{n}/"),
    Piece("DG711", "RUN mkdir /m{n}\nCOPY a.txt b.txt /m{n}"),
    Piece("DG711", 'COPY a.txt b.txt "/usr/bin"'),
    Piece("DG714", "EXPOSE 80{n}:80{n}"),
    Piece("DG714", "EXPOSE 53{n}/UDP 80{n}/tcp"),
    Piece("DG750", "MAINTAINER Jane Doe <jane@example.com>"),
    Piece("DG750", 'maintainer "jane"'),
    Piece("DG751", "ENV A{n} all of the line {n}"),
    Piece("DG751", "ENV A{n} /opt/${KEPT:-none}/bin"),
    Piece("DG751", "ENV B{n}=of\nENV A{n} made $B{n} that"),
    Piece("DG751", "LABEL l{n} {n}.0"),
    Piece("DG751", "LABEL l{n} 'it is '\"{n}\""),
    Piece("DG751", 'ENV A{n} "${KEPT}"/bin:$PATH'),
    Piece("DG723", "RUN echo a > /a{n}; \\\n\n    echo b > /b{n}"),
    Piece("DG723", "ENV A{n}=1 \\\n\n\n    B{n}=2"),
    Piece("DG510", "RUN --mount=type=cache,target=/root/.cache/pip pip install --no-cache-dir p{n}==1"),
)
ENDS = (
    Piece("DG708", 'CMD ["first"]\nCMD ["second", "word"]'),
    Piece("DG708", '# for the old days\nENTRYPOINT /first\nENTRYPOINT ["/second"]'),
    Piece("DG708", "HEALTHCHECK CMD true\nHEALTHCHECK --interval=5s CMD false"),
)
IGNORED = (
    Piece("DG213", "*.log\n../private\n"),
    Piece("DG214", "e\ne/z.txt\nd/y.log\n"),
    Piece("DG215", "*.log\ne\n\n# again\n*.log\n"),
)
ONCE = frozenset(("DG709", "DG750"))  # only one of a stage is told, or mended


class Drawn(NamedTuple):
    """A Dockerfile, the files beside it, and the codes of the rules whose fixes must apply."""

    text: str
    files: dict[str, str]
    codes: frozenset[str]


def draw(seed: int) -> Drawn:
    """The Dockerfile of a number; each piece comes often enough in a few dozen of them."""
    chance = random.Random(seed)
    codes: set[str] = set()
    body: list[str] = []
    for at, piece in enumerate(chance.sample(PIECES, chance.randint(2, 5))):
        if piece.code not in codes or piece.code not in ONCE:
            body.append(piece.lines.replace("{n}", str(at + 1)))
            codes.add(piece.code)
    files = dict(FILES)
    if chance.random() < 0.4:
        piece = chance.choice(IGNORED)
        files[".dockerignore"] = "Dockerfile\n.dockerignore\n" + piece.lines  # their own text does change
        body.append("COPY . /all")
        codes.add(piece.code)
    if chance.random() < 0.6:
        piece = chance.choice(ENDS)
        body.append(piece.lines)
        codes.add(piece.code)
    noise = ["# a comment", "ENV KEPT=1", "LABEL kept='yes'", ""]
    for _ in range(chance.randint(0, 2)):
        body.insert(chance.randint(0, len(body)), chance.choice(noise))
    text = "\n".join([f"FROM {FROM}", *body, "USER 1000", ""])
    if chance.random() < 0.2:
        text = text.replace("\n", "\r\n")
    return Drawn(text, files, frozenset(codes))


def base(folder: Path) -> bytes:
    """The base image's files; `folder` takes what is made on the way."""
    root = roots.debian()
    root.program("apt")
    packages.lay_out(folder)
    for path in (folder / "repo").iterdir():
        root.files[f"repo/{path.name}"] = path
    root.texts |= {"usr/local/bin/pip": PIP, "usr/local/bin/dnf": DNF}
    root.folders["var/cache/dnf"] = 0o755
    root.texts["etc/apt/apt.conf.d/docker-clean"] = (
        'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true"; };\n'
        'Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";\n'
    )
    return root.tar()


def lay_out(drawn: Drawn, folder: Path) -> Iterator[Path]:
    """Write a Dockerfile and what lies beside it, with fixed modes."""
    for name, text in {**drawn.files, "Dockerfile": drawn.text}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o755)
        path.write_bytes(text.encode())
        path.chmod(0o644)
        yield path
