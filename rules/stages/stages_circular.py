"""Stages need one another in a circle, so none of them can be built first.

BuildKit refuses such a file, even if the target needs none of these stages.

```dockerfile bad
FROM golang:1.23.3 AS server
COPY --from=web /dist /dist
#           ^^^
RUN go build -o /server .
FROM node:22.11.0-slim AS web
COPY --from=server /schema.json /schema.json
RUN npm run build
```

```dockerfile good
FROM golang:1.23.3 AS schema
RUN go generate -o /schema.json .
FROM node:22.11.0-slim AS web
COPY --from=schema /schema.json /schema.json
RUN npm run build
FROM schema AS server
COPY --from=web /dist /dist
RUN go build -o /server .
```

Split the stage that gives and takes in two: one that gives, above, and one that takes, below. A stage
that names a later one without being needed by it is `stage-reference-unknown`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Dockerfile, Found, StageGraph, rule


@rule(
    "DG305",
    "stages-circular",
    severity="error",
    peers=("tally/circular-stage-deps",),
    no_fix="one of the stages has to take its files from elsewhere",
)
def check(dockerfile: Dockerfile, graph: StageGraph) -> Iterator[Found]:
    """Look at the references to later stages that need the stage that they stand in."""
    circular = [r for r in graph.references if r.wrong == "circular"]
    stages = {stage.name or "": stage for stage in graph.stages} if circular else {}
    for reference in circular:
        text = reference.text.lower()
        other = graph.stages[int(text)] if reference.kind == "copy" and text.lstrip("+").isdecimal() else stages[text]
        yield Found(
            reference,
            f"{reference.text!r} can't be built before the stage that takes from it here, which it needs itself: "
            "split one of the two",
            related=(
                (graph.stages[reference.instruction.stage_index], "this stage takes"),
                (other, "this one needs it"),
            ),
        )
