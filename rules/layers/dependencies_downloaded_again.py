"""A package manager downloads all that it needs anew whenever its RUN runs again: no cache is mounted.

A layer is taken from the cache wholly or not at all: with one dependency more, all of them come over the network
again. A cache mount outlives the layer, belongs to no image, and makes options such as `--no-cache-dir` needless.

```dockerfile bad
FROM python:3.12.7-slim
COPY requirements.txt .
RUN pip install -r requirements.txt
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile fixed
FROM python:3.12.7-slim
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile good
FROM golang:1.23.3 AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build go build -o /app .
```

A matter of taste: builders that start empty, as most CI does, gain nothing without a cache that is kept elsewhere. So
this is for `--pedantic` only. Told once for each package manager of a stage; quiet where any of its RUNs has a mount.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dfguard.api import Confidence, Fix, Found, Refusal, Stage, StageCommands, mounts, rule, uncached

if TYPE_CHECKING:
    from dfguard.api import Surroundings


@rule("DG530", "dependencies-downloaded-again", severity="hint", peers=("tally/prefer-package-cache-mounts",))
def check(stage: Stage, commands: StageCommands) -> Iterator[Found]:
    """Visit the stages that the build needs."""
    told: set[str] = set()
    for command in commands.commands if stage.reachable else ():
        cache, run = uncached(command), commands.run_of(command)
        if cache is None or run is None or cache.manager in told or run.onbuild:
            continue
        told.add(cache.manager)
        if not any(mounts(other, cache) for other, _ in commands.scripts):
            yield Found(
                command,
                f"{cache.manager} downloads everything again when this RUN changes: expected its cache to be mounted, "
                f"--mount=type=cache,target={cache.folders[0]}",
                confidence=Confidence.LOW,
            )


@check.fix
def fix(stage: Stage, mended: Found, commands: StageCommands, around: Surroundings) -> Iterator[Fix | Refusal]:
    """Mount its cache for all its calls of the stage."""
    from dfguard.api import cache_mounted

    command = next(command for command in commands.commands if command.span == mended.spans[0])
    cache = uncached(command)
    if cache is not None:
        yield cache_mounted(cache, around)
