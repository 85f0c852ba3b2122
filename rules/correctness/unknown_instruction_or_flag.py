"""An instruction or a flag that BuildKit does not know.

BuildKit refuses such a file, so no build of it can start (exit code 4). A misspelt name is the usual
reason, a missing continuation character the next one: the rest of a command then stands where an
instruction should.

```dockerfile bad
FORM debian:12.8-slim
# <- ^^^^
```

```dockerfile fixed
FROM debian:12.8-slim
# <- ^^^^
```

```dockerfile bad
FROM debian:12.8-slim AS build
FROM scratch
COPY --form=build /app /app
#    ^^^^^^^^^^^^
```

```dockerfile bad
FROM debian:12.8-slim
RUN echo one &&
    echo two
#   ^^^^
```

```dockerfile good
# syntax=docker/dockerfile:1
FROM debian:12.8-slim
HEALTHCHECK --start-interval=2s CMD ["/check"]
COPY --link --chmod=0644 a /a
RUN --mount=type=cache,target=/var/cache/apt echo
```

Files that name a frontend other than Docker's own in `# syntax=` may use instructions that dfguard does
not know: those are shown with `--pedantic` only. If your BuildKit is newer than dfguard, a comment above
the instruction silences the finding and takes the exit code with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, Edit, Fix, Found, Frontend, Problem, Severity, rule

KINDS = ("unknown-instruction", "bad-flag")


@rule(
    "DG701",
    "unknown-instruction-or-flag",
    severity="error",
    peers=("DL1000", "tally/unknown-instruction", "tally/invalid-onbuild-trigger", "UNKNOWN_INSTRUCTION"),
)
def check(problem: Problem, frontend: Frontend | None) -> Iterator[Found]:
    """Visit what the parser could not make sense of."""
    if problem.kind not in KINDS:
        return
    foreign = frontend is not None and frontend.foreign and not problem.refused
    meant = problem.suggestion
    yield Found(
        problem,
        problem.message,
        severity=Severity.INFO if foreign or "ignores" in problem.message else None,
        confidence=Confidence.LOW if foreign else Confidence.HIGH,
        fixes=(Fix.unsafe(f"write {meant}", Edit.replace(problem, meant)),) if meant else (),
    )
