"""COPY or ADD names what is not in the build context: the build stops there.

Only what lies in the context can be copied; a path that starts with `../` starts at its root again. What
the ignore file drops and what is written in another letter case is told by rules of their own.

```context
app/main.py
requirements.txt
```

```dockerfile bad
FROM python:3.12.7-slim
WORKDIR /app
COPY requirments.txt ./
#    ^^^^^^^^^^^^^^^
COPY app ./app
```

```dockerfile good
FROM python:3.12.7-slim
WORKDIR /app
COPY requirements.txt ./
COPY app ./app
```

What a step before the build makes (`dist/`, a `.jar`, what git ignores) is missing in a fresh checkout too:
it is of low confidence, as is everything in a context that was only inferred, unless a like name is there, and
everything in Dockerfiles below `vendor` or `node_modules`, which came along with other people's code.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Absent, Found, rule

KINDS = {
    "missing": "{path!r} is not in the build context: the build stops here",
    "link": "{path!r} is a link that leads to nothing inside of the build context: the build stops here",
}


@rule(
    "DG230",
    "source-missing",
    severity="error",
    peers=("CopyIgnoredFile",),
    onbuild=True,
    no_fix="a file that is missing is made, fetched or renamed; no edit of the line brings it",
)
def check(absent: Absent) -> Iterator[Found]:
    """Visit the sources that take nothing."""
    if absent.kind not in KINDS or absent.taking.kind == "mount":
        return
    near = f"; did you mean {absent.near!r}?" if absent.near else ""
    hidden = "; git ignores it, so it may be made before the build" if absent.git_ignores else ""
    yield Found(
        absent.taking.place,
        KINDS[absent.kind].format(path=absent.path) + near + hidden,
        confidence=absent.confidence,
    )
