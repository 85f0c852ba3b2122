"""A stage has a name that another stage has already, or that the builder keeps for itself.

When two stages have one name, the later one takes it: `COPY --from=build` and `--target build` silently
mean the second, and nothing can reach the first by name. A stage named `scratch` turns `FROM scratch`
below it into a copy of that stage, and `context` is the builder's word for the build context.

```dockerfile bad
FROM golang:1.23.3 AS build
RUN go install example.com/tool@v1.2.3
FROM node:22.11.0-slim AS build
#                         ^^^^^
FROM scratch
COPY --from=build /go/bin/tool /tool
```

```dockerfile bad
FROM debian:12.8-slim AS Scratch
#                        ^^^^^^^
FROM scratch
```

```dockerfile good
FROM golang:1.23.3 AS build-tool
RUN go install example.com/tool@v1.2.3
FROM node:22.11.0-slim AS build-web
FROM scratch
COPY --from=build-tool /go/bin/tool /tool
```

Case makes no difference: `Build` and `build` are one name. A stage may be named like the image that it
is FROM, or like a platform.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Dockerfile, Found, Stage, StageGraph, rule

RESERVED = {
    "scratch": "FROM scratch below it starts from this stage instead of from nothing",
    "context": "it is the builder's word for the build context",
}


@rule(
    "DG303",
    "stage-name-taken",
    peers=(
        "DL3024", "DL3063", "DuplicateStageName", "ReservedStageName", "DS-0012", "DS012", "CKV_DOCKER_11", "DF042",
        "DUPLICATE_BUILD_STAGE_NAME",
    ),
    no_fix="which of the stages later lines mean is for the author to say",
)  # fmt: skip
def check(dockerfile: Dockerfile, graph: StageGraph) -> Iterator[Found]:
    """Visit the stages in order, and remember who has which name."""
    named: dict[str, Stage] = {}
    for stage in graph.stages:
        alias = stage.from_.alias
        if stage.name is None or alias is None:
            continue
        if stage.name in RESERVED:
            yield Found(alias, f"stage name {alias.raw!r} is reserved: {RESERVED[stage.name]}, so choose another name")
        earlier = named.get(stage.name)
        if earlier is not None:
            yield Found(
                alias,
                f"stage name {alias.raw!r} is taken by the stage on line {earlier.from_.start_line}, "
                "which can't be named any more: give each stage its own name",
                related=((earlier.from_.alias or earlier.from_, "the name is given here before"),),
            )
        named[stage.name] = stage
