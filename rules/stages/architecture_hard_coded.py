"""A download or a build is tied to one architecture, in a Dockerfile that is meant for several.

On an arm64 machine, or with `--platform linux/arm64`, the base image is the right one and the program in it is not:
`exec format error`, or a slow emulation that nobody notices.

```dockerfile bad
FROM --platform=$BUILDPLATFORM golang:1.23.3 AS build
ARG TARGETARCH
RUN GOARCH=amd64 go build -o /app
#   ^^^^^^^^^^^^
FROM scratch
COPY --from=build /app /app
```

```dockerfile bad
FROM debian:12.8-slim
ARG TARGETARCH
RUN curl -fsSLo /usr/bin/tool https://example.com/tool-linux-amd64
#                                                            ^^^^^
RUN curl -fsSLo /usr/bin/other https://example.com/other-linux-${TARGETARCH}
```

```dockerfile bad
FROM debian:12.8-slim
ARG TARGETARCH
RUN echo 'deb [arch=amd64 signed-by=/k.gpg] https://example.com/apt stable main' > /etc/apt/sources.list.d/example.list
#                   ^^^^^
```

```dockerfile bad
FROM --platform=linux/amd64 debian:12.8-slim
#               ^^^^^^^^^^^
ARG TARGETARCH
RUN curl -fsSLo /usr/bin/tool https://example.com/tool-linux-${TARGETARCH}
```

```dockerfile good
FROM debian:12.8-slim
ARG TARGETARCH
RUN curl -fsSLo /usr/bin/tool https://example.com/tool-linux-${TARGETARCH}
```

```dockerfile good
FROM --platform=linux/amd64 debian:12.8-slim
RUN curl -fsSLo /usr/bin/tool https://example.com/tool-linux-amd64
```

Without a sign of several architectures in the file (`TARGETARCH`, `TARGETPLATFORM`, `BUILDPLATFORM`) it is shown with
`--pedantic` only. Quiet where an instruction chooses by architecture (`case`, `uname -m`, `dpkg --print-architecture`),
where FROM names a platform (and nothing asks for another one), where packages of a foreign architecture are installed
by name (`libc6:amd64`), where the path of the Dockerfile names an architecture, and for Windows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from dfguard.api import Add, Base, Confidence, Copy, Dockerfile, Env, Found, From, Run, Span, Stage, StageGraph, rule

SIGNS = ("TARGETARCH", "TARGETPLATFORM", "TARGETVARIANT", "BUILDPLATFORM", "BUILDARCH")
FOREIGN = ("add-architecture", "crossbuild", "foreign")  # packages of another architecture are meant
CHOOSES = ("uname -m", "uname --m", "print-architecture", "print-arch", "TARGETARCH", "TARGETPLATFORM", "arch)", "ARCH")


@cache
def patterns() -> tuple[re.Pattern[str], ...]:
    """Names in an address, settings that choose one, an address, names in paths and images, lines of APT's sources."""
    name = r"amd64|x86[_-]64|aarch64|arm64"
    return (
        re.compile(rf"(?<![a-z0-9])(?:{name})(?![a-z0-9])", re.I),
        re.compile(r"(?<![\w-])GOARCH=(?:amd64|arm64)\b"),
        re.compile(r"https?://[^\s\"'|;)]+"),
        re.compile(rf"(?<![a-z0-9])(?:{name}|x64|i386|arm|armhf|arm(?:32|64)v\d|ppc64le|s390x)(?![a-z0-9])", re.I),
        re.compile(
            r"\bdeb(?:-src)?\s+\[(?:[^\]\n]*\s)?arch=(amd64|arm64)(?=[\s\]])|^Architectures:[ \t]*(amd64|arm64)\s*$",
            re.M,
        ),
    )


@rule(
    "DG313",
    "architecture-hard-coded",
    severity="warning",
    no_fix="what the same download is called for another architecture is known to its server only",
)
def check(
    run: Run | Add | Env | Copy | From, stage: Stage, graph: StageGraph, base: Base, dockerfile: Dockerfile
) -> Iterator[Found]:
    """Visit the instructions that fetch, build or set."""
    if isinstance(run, From):
        yield from asked_for_another(run, stage, dockerfile)
        return
    text = run.span.text
    name = patterns()[0]
    if "64" not in text or base.family == "windows" or dockerfile.escape == "`":  # which is in each of the names
        return
    if not name.search(text) or not stage.reachable or is_tied(stage, graph, dockerfile):
        return
    if len({kind(found[0]) for found in name.finditer(text)}) > 1:
        return
    if any(sign in text for sign in (*CHOOSES[:-2], *FOREIGN)):
        return
    if "case " in text or re.search(r"\bif\b.*arch", text, re.I):
        return
    several = any(sign in dockerfile.source.text for sign in SIGNS)
    for place in places(run):
        yield Found(
            place,
            f"this is for {place.text.rpartition('=')[2]} whatever the platform of the build is",
            confidence=Confidence.MEDIUM if several else Confidence.LOW,
        )
        return


def asked_for_another(from_: From, stage: Stage, dockerfile: Dockerfile) -> Iterator[Found]:
    """A stage that ships, of one platform, in which a command goes by the platform of the build."""
    flag = from_.flag("platform")
    if flag is None or flag.value not in ("linux/amd64", "linux/arm64") or not stage.ships:
        return
    if patterns()[3].search(dockerfile.source.path) or patterns()[3].search(from_.image.raw):
        return
    for instruction in stage.instructions:
        asked = re.search(r"\$\{?(TARGETARCH|TARGETPLATFORM)\b", instruction.span.text)
        if asked is not None and isinstance(instruction, (Run, Add, Env, Copy)):
            at = flag.span.text.rindex(flag.value)
            yield Found(
                flag.span.sub(at, at + len(flag.value)),
                f"this stage is for {flag.value} whatever the platform of the build is, and takes {asked[1]} below",
                related=((instruction, f"goes by {asked[1]}"),),
                confidence=Confidence.MEDIUM,
            )
            return


def kind(name: str) -> str:
    """One of two names for the many spellings."""
    return "arm" if name.lower() in ("aarch64", "arm64") else "intel"


def places(instruction: Run | Add | Env | Copy) -> Iterator[Span]:
    """Where an instruction names its architecture."""
    name, setting, address, _, sources = patterns()
    span, text = instruction.span, instruction.span.text
    for found in setting.finditer(text):
        yield span.sub(*found.span())
    if isinstance(instruction, Env):
        return
    for found in sources.finditer(text):
        yield span.sub(*found.span(1 if found[1] else 2))
    if isinstance(instruction, Copy):
        return
    for found in address.finditer(text):
        inner = name.search(found[0])
        if inner is not None and "sha256" not in found[0].lower():
            yield span.sub(found.start() + inner.start(), found.start() + inner.end())


def is_tied(stage: Stage, graph: StageGraph, dockerfile: Dockerfile) -> bool:
    """Whether the file says that it is for one platform, by a FROM, a folder, or its own name."""
    if patterns()[3].search(dockerfile.source.path):
        return True
    for each in graph.stages:
        flag = each.from_.flag("platform")
        pinned = flag is not None and flag.value is not None and "$" not in flag.value
        if pinned and (each.index == stage.index or each.ships):
            return True
        if patterns()[3].search(each.from_.image.raw):
            return True
    return False
