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
where FROM names a platform, where the path of the Dockerfile names an architecture, and for Windows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from dfguard.api import Add, Base, Confidence, Dockerfile, Env, Found, Run, Span, Stage, StageGraph, rule

SIGNS = ("TARGETARCH", "TARGETPLATFORM", "TARGETVARIANT", "BUILDPLATFORM", "BUILDARCH")
CHOOSES = ("uname -m", "uname --m", "print-architecture", "print-arch", "TARGETARCH", "TARGETPLATFORM", "arch)", "ARCH")


@cache
def patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Names of architectures in an address, settings that choose one, an address, and names in paths and images."""
    name = r"amd64|x86[_-]64|aarch64|arm64"
    return (
        re.compile(rf"(?<![a-z0-9])(?:{name})(?![a-z0-9])", re.I),
        re.compile(r"(?<![\w-])GOARCH=(?:amd64|arm64)\b|\bdpkg --add-architecture\b"),
        re.compile(r"https?://[^\s\"'|;)]+"),
        re.compile(rf"(?<![a-z0-9])(?:{name}|x64|i386|arm|armhf|arm(?:32|64)v\d|ppc64le|s390x)(?![a-z0-9])", re.I),
    )


@rule("DG313", "architecture-hard-coded", severity="warning")
def check(run: Run | Add | Env, stage: Stage, graph: StageGraph, base: Base, dockerfile: Dockerfile) -> Iterator[Found]:
    """Visit the instructions that fetch, build or set."""
    text = run.span.text
    name = patterns()[0]
    if base.family == "windows" or dockerfile.escape == "`":
        return
    if not name.search(text) or not stage.reachable or is_tied(stage, graph, dockerfile):
        return
    if len({kind(found[0]) for found in name.finditer(text)}) > 1 or any(sign in text for sign in CHOOSES[:-2]):
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


def kind(name: str) -> str:
    """One of two names for the many spellings."""
    return "arm" if name.lower() in ("aarch64", "arm64") else "intel"


def places(instruction: Run | Add | Env) -> Iterator[Span]:
    """Where an instruction names its architecture."""
    name, setting, address, _ = patterns()
    span, text = instruction.span, instruction.span.text
    for found in setting.finditer(text):
        if "GOARCH" in found[0]:
            yield span.sub(*found.span())
    if isinstance(instruction, Env):
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
