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
are known to have a working directory, and variables without a known value. A path that starts with `~` is
reported anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Base, Confidence, Edit, Fix, Found, Severity, Stage, StageGraph, Word, Workdir, regex, rule

PLAIN = regex(r"""(["']?)(?:\./+)*(?!\.\.)(?:\.(?=["']?$))?([^\s"']*["']?)""")
ABSOLUTE = regex(r"[/\\]|[A-Za-z]:")


@rule(
    "DG709",
    "relative-workdir",
    peers=(
        "DL3000", "WorkdirRelativePath", "DS-0009", "DS009", "CKV_DOCKER_10", "DF009", "WORKDIR_IS_NOT_ABSOLUTE",
    ),
)  # fmt: skip
def check(stage: Stage, graph: StageGraph, base: Base | None) -> Iterator[Found]:
    """Visit the stages, and look at the first WORKDIR of each chain, and at any that starts with a tilde."""
    start = base.workdir if base is not None else None
    first = start in (None, "/") and not inherits(stage, graph)
    for workdir in stage.instructions:
        if not isinstance(workdir, Workdir) or workdir.path is None:
            continue
        path = graph.scope_at(workdir).expand(workdir.path.raw)
        written = workdir.path.raw
        absolute = bool(ABSOLUTE.match(path.value) or ABSOLUTE.match(written))
        if path.value.startswith("~"):
            text = f"WORKDIR {path.value!r} is a folder of that name, as no shell replaces the `~`"
            yield Found(workdir.path, f"{text}: write an absolute path")
        elif first and path.value and not absolute and not path.unknown and not path.error:
            yield relative(workdir.path, path.value, known=start == "/")
        first = False


def relative(place: Word, path: str, *, known: bool) -> Found:
    """A relative path; `known` says that it is relative to the root."""
    where = "`/`, where this base image starts" if known else "the base image's working directory, which is not known"
    plain = PLAIN.fullmatch(place.raw)
    make = Fix.identical if known else Fix.unsafe
    fix = make("write an absolute path", Edit.replace(place, f"{plain[1]}/{plain[2]}")) if plain else None
    return Found(
        place,
        f"WORKDIR {path!r} is relative to {where}: write an absolute path",
        severity=Severity.INFO if known else None,
        confidence=Confidence.MEDIUM if "$" in place.raw else Confidence.HIGH,
        fixes=(fix,) if fix else (),
    )


def inherits(stage: Stage, graph: StageGraph) -> bool:
    """Whether a stage that this one is FROM has set a working directory."""
    while stage.parent is not None:
        stage = graph.stages[stage.parent]
        if any(isinstance(i, Workdir) for i in stage.instructions):
            return True
    return False
