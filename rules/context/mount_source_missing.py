"""A bind mount names what is not in the build context: the build stops there.

`RUN --mount=type=bind` without `from=` shows a file or folder of the build context to one command.

```context
go.mod
go.sum
```

```dockerfile bad
FROM golang:1.23.3 AS build
WORKDIR /src
RUN --mount=type=bind,source=go.mode,target=go.mod go mod download
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile good
FROM golang:1.23.3 AS build
WORKDIR /src
RUN --mount=type=bind,source=go.mod,target=go.mod go mod download
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Absent, Found, rule


@rule(
    "DG240",
    "mount-source-missing",
    severity="error",
    onbuild=True,
    no_fix="a file that is missing is made, fetched or renamed; no edit of the line brings it",
)
def check(absent: Absent) -> Iterator[Found]:
    """Visit the sources that take nothing."""
    if absent.taking.kind != "mount" or absent.kind not in ("missing", "link", "no-match"):
        return
    near = f"; did you mean {absent.near!r}?" if absent.near else ""
    yield Found(
        absent.taking.place,
        f"{absent.path!r} is not in the build context: the build stops here{near}",
        confidence=absent.confidence,
    )
