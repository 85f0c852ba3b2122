"""WORKDIR is relative, so where it leads to hangs on the base image.

`WORKDIR app` means `/app` as long as the base image has no working directory of its own. The day it gets
one, all paths of the stage move.

```dockerfile bad
FROM example.com/team/runtime:3.2
WORKDIR app
#       ^^^
COPY server.js .
```

```dockerfile bad
FROM debian:12.8-slim
WORKDIR app
#       ^^^
```

```dockerfile fixed
FROM debian:12.8-slim
WORKDIR /app
#       ^^^
```

```dockerfile good
ARG HOME_DIR
FROM debian:12.8-slim AS base
WORKDIR /srv
WORKDIR app
FROM base
WORKDIR logs
FROM mcr.microsoft.com/windows/servercore:ltsc2022
WORKDIR C:/app
```

One finding a chain of stages: with the first WORKDIR mended, the next are too. Where the base image is
known to start in `/`, it is an information and the fix leaves the image as it is. Quiet: base images that
are known to have a working directory, and variables without a known value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import Base, Confidence, Edit, Fix, Found, Severity, Stage, StageGraph, Word, Workdir, rule

PLAIN = re.compile(r"""(["']?)(?:\./+)*(?!\.\.)(?:\.(?=["']?$))?([^\s"']*["']?)""")
ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:")


@rule(
    "DG709",
    "relative-workdir",
    peers=(
        "DL3000", "WorkdirRelativePath", "DS-0009", "DS009", "CKV_DOCKER_10", "DF009", "WORKDIR_IS_NOT_ABSOLUTE",
    ),
)  # fmt: skip
def check(stage: Stage, graph: StageGraph, base: Base | None) -> Iterator[Found]:
    """Visit the stages, and look at the first WORKDIR of each chain."""
    workdir = next((i for i in stage.instructions if isinstance(i, Workdir)), None)
    start = base.workdir if base is not None else None
    if workdir is None or workdir.path is None or start not in (None, "/") or inherits(stage, graph):
        return
    path = graph.scope_at(workdir).expand(workdir.path.raw)
    if path.unknown or path.error or not path.value or ABSOLUTE.match(path.value) or ABSOLUTE.match(workdir.path.raw):
        return
    known = start == "/"
    where = "`/`, where this base image starts" if known else "the base image's working directory, which is not known"
    home = ", and no shell replaces the `~`" if path.value.startswith("~") else ""
    yield Found(
        workdir.path,
        f"WORKDIR {path.value!r} is relative to {where}{home}: write an absolute path",
        severity=Severity.INFO if known and not home else None,
        confidence=Confidence.MEDIUM if "$" in workdir.path.raw else Confidence.HIGH,
        fixes=() if home else absolute(workdir.path, known),
    )


def inherits(stage: Stage, graph: StageGraph) -> bool:
    """Whether a stage that this one is FROM has set a working directory."""
    while stage.parent is not None:
        stage = graph.stages[stage.parent]
        if any(isinstance(i, Workdir) for i in stage.instructions):
            return True
    return False


def absolute(path: Word, known: bool) -> tuple[Fix, ...]:
    """The way to make a path absolute: a slash before it, inside of its quotes."""
    plain = PLAIN.fullmatch(path.raw)
    if plain is None:
        return ()
    make = Fix.identical if known else Fix.unsafe
    return (make("write an absolute path", Edit.replace(path, f"{plain[1]}/{plain[2]}")),)
