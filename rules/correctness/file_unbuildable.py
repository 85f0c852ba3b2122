"""The file as a whole is none that can be built: it has no FROM, or something stands before it.

Only ARG, comments and parser directives may stand before the first FROM. A line has at most 65,535 bytes.

```dockerfile bad
ENV DEBIAN_FRONTEND=noninteractive
# <- ^^^
FROM debian:12.8-slim
```

```dockerfile bad
ARG VERSION=1.4
# <- ^^^
```

```dockerfile good
# syntax=docker/dockerfile:1
ARG VERSION=12.8
FROM debian:${VERSION}-slim
```

A file that other tools put behind a FROM of their own is no Dockerfile: name it otherwise, or say
`# dfguard: ignore-file[DG721] -- a fragment`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, Problem, rule

KINDS = ("no-stage", "empty-file", "nul", "line-too-long")


@rule(
    "DG721",
    "file-unbuildable",
    severity="error",
    peers=("DL1000", "DL3061", "NO_SOURCE_IMAGE"),
    no_fix="a FROM, or another name for a file that is none, has to be chosen",
)
def check(problem: Problem) -> Iterator[Found]:
    """Visit what is wrong with the file as a whole."""
    if problem.kind in KINDS:
        yield Found(problem, problem.message)
