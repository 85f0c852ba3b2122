"""A RUN writes below a path that an earlier VOLUME names: some builders keep that, others throw it away.

BuildKit, the default of Docker since version 23, keeps it. With the classic builder (`DOCKER_BUILDKIT=0`) and with
Buildah 1.28 each RUN behind VOLUME works on a copy of that folder which is dropped at its end: files that it makes
are missing, files that it changes or removes are as they were, and the build goes well. Later versions of Buildah
do so with `--compat-volumes`. What COPY and ADD bring stays with all of them. With VOLUME behind the last such
RUN they all agree.

```dockerfile bad
FROM debian:12.8-slim
VOLUME /var/lib/app
RUN echo ready > /var/lib/app/state
#                ^^^^^^^^^^^^^^^^^^
```

```dockerfile bad
FROM debian:12.8-slim
RUN mkdir /data
VOLUME ["/data"]
RUN chown 1000:1000 /data
#                   ^^^^^
```

```dockerfile good
FROM debian:12.8-slim
RUN mkdir -p /var/lib/app && echo ready > /var/lib/app/state
VOLUME /var/lib/app
COPY defaults.conf /var/lib/app/
```

Quiet for what COPY and ADD bring, for folders that WORKDIR makes, for what the same RUN removes again, and for volumes
of the base image, which are not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import (
    Added,
    AddedFolder,
    Changed,
    Confidence,
    Flow,
    Found,
    Removed,
    Run,
    Scope,
    Stage,
    StageFlow,
    Volume,
    join_path,
    rule,
)

Write = Added | AddedFolder | Changed | Removed
WAYS = {"Added": "writes", "AddedFolder": "makes", "Changed": "changes", "Removed": "removes"}


@rule(
    "DG513",
    "volume-written-later",
    severity="info",
    no_fix="builders differ in what these lines do: moving VOLUME changes the image of some of them",
)
def check(volume: Volume, stage: Stage, flow: Flow, scope: Scope) -> Iterator[Found]:
    """Visit the VOLUMEs, and name the first thing that each later RUN does below one of their paths."""
    expanded = [(word, scope.expand(word.raw)) for word in volume.paths]
    paths = [(word, join_path("/", e.value)) for word, e in expanded if not e.unknown and not e.error and e.value]
    for played in flow.stages:
        if not played.stage.reachable or not descends(played, stage, flow):
            continue
        told: set[int] = set()
        for event in writes(played, stage, volume):
            at = next(((word, path) for word, path in paths if below(event.path, path)), None)
            if at is None or event.instruction.index in told:
                continue
            told.add(event.instruction.index)
            way = WAYS[type(event).__name__]
            yield Found(
                event.place,
                f"{way} {event.path!r} below the volume of line {at[0].span.start_line}: the classic builder drops "
                "that at the end of this RUN, BuildKit keeps it",
                related=((at[0], "is a volume from here on"),),
                confidence=Confidence.HIGH if event.certain else Confidence.MEDIUM,
            )


def below(path: str, volume: str) -> bool:
    """Whether a path lies in a volume, or is its folder."""
    return path == volume or path.startswith(volume.rstrip("/") + "/")


def descends(played: StageFlow, stage: Stage, flow: Flow) -> bool:
    """Whether a stage is the one with the VOLUME, or is FROM it."""
    at: Stage | None = played.stage
    while at is not None and at.index != stage.index:
        at = flow.stages[at.parent].stage if at.parent is not None else None
    return at is not None


def writes(played: StageFlow, stage: Stage, volume: Volume) -> Iterator[Write]:
    """What the RUNs behind VOLUME do, without what the same RUN takes back."""
    here = played.stage.index == stage.index
    events = [
        event
        for event in played.events.single
        if isinstance(event, (Added, AddedFolder, Changed, Removed))
        and isinstance(event.instruction, Run)
        and not (here and event.instruction.index <= volume.index)
    ]
    removed = {(id(e.instruction), e.path) for e in events if isinstance(e, Removed)}
    made = {(id(e.instruction), e.path) for e in events if isinstance(e, (Added, AddedFolder))}
    for event in events:
        key = id(event.instruction), event.path
        taken_back = isinstance(event, Removed) and key in made
        if not taken_back and (isinstance(event, Removed) or not is_within(key, removed)):
            yield event


def is_within(key: tuple[int, str], removed: set[tuple[int, str]]) -> bool:
    """Whether the same RUN removes a path, or a folder that it lies in."""
    run, path = key
    while path:
        if (run, path) in removed or (run, path.rpartition("/")[0] + "/*") in removed:
            return True
        path = path.rpartition("/")[0]
    return False
