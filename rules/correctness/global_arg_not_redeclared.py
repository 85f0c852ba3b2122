"""An ARG from before FROM is used in a stage that does not declare it again: it is empty there.

ARGs above the first FROM are for FROM lines only. A stage sees their value after an `ARG NAME` of its
own. The same holds for the arguments that BuildKit sets itself, such as `TARGETARCH`.

```dockerfile bad
ARG VERSION=1.4
FROM debian:12.8-slim
RUN echo "$VERSION" > /etc/app-version
#         ^^^^^^^^
```

```dockerfile fixed
ARG VERSION=1.4
FROM debian:12.8-slim
ARG VERSION
RUN echo "$VERSION" > /etc/app-version
#         ^^^^^^^^
```

```dockerfile bad
FROM debian:12.8-slim
COPY app-${TARGETARCH} /app
#        ^^^^^^^^^^^^^
```

```dockerfile good
ARG NODE_VERSION=22.11.0
FROM node:${NODE_VERSION}-slim AS base
ARG TARGETARCH
RUN echo "$NODE_VERSION ${VERSION:-none}" > "/etc/versions-$TARGETARCH"
FROM base
RUN echo "$TARGETARCH" > /arch
```

The fix is unsafe, because the value changes what the stage does. Quiet: variables that the base image
sets itself (`NODE_VERSION` of node), that the RUN sets, and those with a default. Where the base image
is not known, it might set the variable: medium confidence, and low if the name looks like the image's.
Of several uses in a stage the first is reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, takewhile

from dfguard.api import (
    Arg,
    Base,
    Confidence,
    Dockerfile,
    Edit,
    Fix,
    Found,
    From,
    HasSpan,
    Instruction,
    KeyValue,
    Script,
    Stage,
    StageCommands,
    StageGraph,
    assigned_names,
    rule,
    script_variables,
    variable_uses,
)

FAR = 50  # instructions looked at to show the one meant


@rule("DG706", "global-arg-not-redeclared")
def check(
    stage: Stage, base: Base | None, commands: StageCommands, graph: StageGraph, dockerfile: Dockerfile
) -> Iterator[Found]:
    """Visit every stage."""
    outer = graph.scope_at(stage.from_)
    scripts = {run.index: script for run, script in commands.scripts}
    seen: set[str] = set()
    for node in stage.instructions:
        for place, name in uses(node, scripts.get(node.index), dockerfile.escape):
            if name not in seen and outer.is_defined(name) and not graph.scope_at(node).is_defined(name):
                seen.add(name)
                root = graph.root_of(stage)
                yield from judge(place, name, stage, "" if root.unknown else root.from_.image.raw, base, dockerfile)


def uses(node: Instruction, script: Script | None, escape: str) -> Iterator[tuple[HasSpan, str]]:
    """The variables that the builder replaces, or that a script uses and does not set."""
    yield from ((use, use.name) for use in variable_uses(node, escape) if not use.has_default)
    used = [use for use in script_variables(script) if not use.has_default] if script is not None else []
    own = assigned_names(script) if script is not None and used else None
    if own is not None:
        yield from ((use, use.name) for use in used if use.name not in own)


def judge(
    place: HasSpan, name: str, stage: Stage, image: str, base: Base | None, dockerfile: Dockerfile
) -> Iterator[Found]:
    """Weigh whether the base image sets the variable; `image` is its name, "" when that may be a stage's."""
    env = base.env if base is not None else None
    if env is not None and name in env:
        return
    unsure = not image or name.lower().partition("_")[0] in image.lower()
    confidence = Confidence.HIGH if env is not None else Confidence.LOW if unsure else Confidence.MEDIUM
    declared = declaration(name, dockerfile)
    what = "stands before FROM only" if declared else "is set by BuildKit only where a stage declares it"
    end = "\r\n" if dockerfile.source.text.startswith("\r", stage.span.end) else "\n"
    yield Found(
        place,
        f"ARG {name} {what}, so {name!r} is empty in this stage: declare it here with `ARG {name}`",
        related=((declared, "declared here"),) if declared else (),
        confidence=confidence,
        fixes=(Fix.unsafe(f"add ARG {name} to the stage", Edit.after(stage.from_, f"{end}ARG {name}")),),
    )


def declaration(name: str, dockerfile: Dockerfile) -> KeyValue | None:
    """The ARG before the first FROM."""
    early = takewhile(lambda node: not isinstance(node, From), islice(dockerfile.instructions, FAR))
    pairs = (pair for node in early if isinstance(node, Arg) for pair in node.pairs)
    return next((pair for pair in pairs if pair.name == name), None)
