"""FROM, COPY --from or a mount names a stage that does not exist, or that can't be used there.

A stage can use the stages above it, by name or (COPY only) by number. A number that no stage has, a stage
below, or the stage itself stops the build. A name that no stage has is taken for an image: for a typo
the builder asks Docker Hub.

```dockerfile bad
FROM golang:1.23.3 AS builder
RUN go build -o /app .
FROM scratch
COPY --from=bulider /app /app
#           ^^^^^^^
```

```dockerfile fixed
FROM golang:1.23.3 AS builder
RUN go build -o /app .
FROM scratch
COPY --from=builder /app /app
#           ^^^^^^^
```

```dockerfile bad
FROM debian:12.8-slim AS web
COPY --from=assets /srv /srv
#           ^^^^^^
FROM node:22.11.0-slim AS assets
RUN npm run build
```

```dockerfile good
FROM golang:1.23.3 AS builder
FROM scratch
COPY --from=BUILDER /app /app
COPY --from=0 /lib /lib
COPY --from=nginx /etc/nginx /etc/nginx
RUN --mount=type=bind,from=docs,target=/docs ["/app", "/docs"]
```

Quiet: names of images, named build contexts (`--build-context docs=...`), and triggers behind ONBUILD,
which another Dockerfile runs. A bare name that is close to a stage's may still be an image or a named
context that nobody told us about: when it is short, the confidence is medium.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import (
    Confidence,
    Dockerfile,
    Edit,
    Fix,
    Found,
    Severity,
    Stage,
    StageGraph,
    StageReference,
    lookup_base,
    nearest,
    parse_reference,
    rule,
)

WHY = {
    "itself": "is the stage that it stands in",
    "below": "is a stage below this one",
    "number": "is no stage: the last of them is {last}",
}
SURE = 6  # letters of a name that hardly is another name when only one or two of them differ
SHORTEST, LONGEST = 4, 80
MOST_STAGES, MOST_COMPARISONS = 100, 10_000  # names are compared with so many stages next to them, and in all


@rule("DG304", "stage-reference-unknown", peers=("DL3022", "DL3023", "DS-0006", "DS006", "DF049", "DF050"))
def check(dockerfile: Dockerfile, graph: StageGraph) -> Iterator[Found]:
    """Visit the places that name a stage or an image."""
    budget = MOST_COMPARISONS
    for reference in graph.references:
        if reference.instruction.onbuild or reference.named or reference.wrong == "circular":
            continue
        if reference.wrong:
            yield refused(reference, graph)
        elif reference.image is not None and budget > 0 and bare(reference.image):
            here = reference.instruction.stage_index
            budget -= min(here, MOST_STAGES) + 1
            yield from misspelt(reference, reference.image, graph.stages, here)


def refused(reference: StageReference, graph: StageGraph) -> Found:
    """A name or number of a stage that the builder refuses."""
    stage = graph.stage_of(reference.instruction)
    skipped = stage is not None and not stage.reachable
    severity = Severity.WARNING if skipped and reference.wrong in ("below", "case") else Severity.ERROR
    if reference.wrong != "case":
        why = WHY[reference.wrong].format(last=len(graph.stages) - 1)
        return Found(reference, f"{reference.text!r} {why}: name a stage above", severity=severity)
    lower = reference.text.lower()
    fix = Fix.unsafe(f"write {lower}", Edit.replace(reference, lower))
    message = f"{reference.text!r} is no name of an image, and FROM wants names of stages in lower case"
    return Found(reference, f"{message}: write {lower!r}", severity=severity, fixes=(fix,))


def misspelt(reference: StageReference, name: str, stages: tuple[Stage, ...], here: int) -> Iterator[Found]:
    """Whether a name that is taken for an image was meant for a stage; `here` is the stage that it stands in."""
    below = next((s for s in stages[here + 1 : here + MOST_STAGES] if s.name == name.lower()), None)
    if below is not None:  # FROM only: all else knows the names below
        message = f"{name!r} is taken for an image, as the stage of that name is below: name a stage above"
        yield Found(reference, message, confidence=Confidence.MEDIUM, related=((below, "it begins here"),))
        return
    above = [s.name for s in stages[max(here - MOST_STAGES, 0) : here] if s.name]
    near = misspelt_name(name, above) if SHORTEST <= len(name) <= LONGEST else None
    ending = [other for other in above if other.lower().endswith(f"-{name.lower()}")]
    if near is None and len(ending) != 1:
        return
    sure = near is not None and min(len(name), len(near)) >= SURE
    near = near or ending[0]
    yield Found(
        reference,
        f"{name!r} names no stage, so the image {name!r} is pulled: write {near!r} if that stage is meant",
        confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
        fixes=(Fix.unsafe(f"name the stage {near}", Edit.replace(reference, near)),),
    )


def misspelt_name(name: str, above: list[str]) -> str | None:
    """The stage above whose name differs by a slip of the hand."""
    near = nearest(name, (other for other in above if digits(other) == digits(name)))
    return None if near in (name + "s", name[:-1]) else near


def bare(image: str) -> bool:
    """Whether an image's name could be a stage's, and is no image that many use."""
    if any(character in image for character in "/:@"):
        return False
    return image != "scratch" and not lookup_base(parse_reference(image)).known


def digits(name: str) -> str:
    """The digits of a name: `stage1` and `stage2` are no misspellings of one another."""
    return "".join(character for character in name if character.isdigit())
