"""A stage that the image does not need: no other stage is FROM it, copies from it or mounts it.

BuildKit skips it, so it is dead text that readers and updates still have to care for; the classic builder
builds it each time. Mostly a `COPY --from` was lost, or somebody expected two FROMs to add up to one
image, which they never do.

```dockerfile bad
FROM golang:1.23.3
#    ^^^^^^^^^^^^^
RUN go build -o /app .

FROM gcr.io/distroless/static-debian12:nonroot
COPY app /app
CMD ["/app"]
```

```dockerfile good
FROM golang:1.23.3
RUN go build -o /app .

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=0 /app /app
CMD ["/app"]
```

A stage with a name can be what another build wants (`--target test`): these are reported with low
confidence, and not at all when they are named like the stages that are made for it (test, lint, dev,
debug, ci ...), when `--target` is given, or when a FROM with a variable may mean them
(`FROM base-${TARGETARCH}`).
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, Dockerfile, Found, Invocation, Severity, StageGraph, regex, rule

TARGETS = frozenset(
    "test tests testing unittest e2e lint linter linting format fmt check checks validate verify audit scan vet "
    "dev devel develop development devcontainer local debug debugger ci cd docs doc shell bench benchmark coverage "
    "prod production release final runtime app export exporter artifact artifacts binaries binary dist output out "
    "update vendor generate gen envs all latest slim full rootless default main image".split()
)
MOST = 100  # FROMs with variables that are looked at
WORD = regex(r"[a-z0-9]+")
VARIABLE = regex(r"\$(?:\{[^}]*\}|\w+)")


@rule(
    "DG306",
    "unreachable-stage",
    severity="info",
    peers=("tally/no-unreachable-stages",),
    no_fix="a line that used the stage may be what is missing, not the stage what is too much",
)
def check(dockerfile: Dockerfile, graph: StageGraph, invocation: Invocation) -> Iterator[Found]:
    """Visit the stages that neither the target nor any other stage needs."""
    if invocation.target is not None:
        return
    used = {reference.stage for reference in graph.references}
    last = {stage.name: stage.index for stage in graph.stages}
    variables = [(s.index, s.from_.image.raw) for s in graph.stages if "$" in s.from_.image.raw]
    for stage in graph.stages:
        if stage.reachable or stage.index in used:
            continue
        alias = stage.from_.alias
        if stage.name is None or alias is None:
            message = "nothing uses this stage, and without a name it can't be a build's target: remove it, or use it"
            yield Found(stage.from_.image, message, severity=Severity.WARNING)
            continue
        meant = not TARGETS.isdisjoint(WORD.findall(stage.name)) or last[stage.name] > stage.index
        maybe = len(variables) > MOST or any(at > stage.index and may_give(raw, stage.name) for at, raw in variables)
        if not meant and not maybe:
            yield Found(
                alias,
                f"nothing uses stage {alias.raw!r}: remove it, unless some build has it as its --target",
                confidence=Confidence.LOW,
            )


def may_give(raw: str, name: str) -> bool:
    """Whether an image text can become a name, whatever its variables hold."""
    parts = VARIABLE.split(raw.strip("\"'").lower())
    at = len(parts[0])
    if not name.startswith(parts[0]) or not name.endswith(parts[-1]) or len(name) < at + len(parts[-1]):
        return False
    for part in parts[1:-1]:
        at = name.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True
