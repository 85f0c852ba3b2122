"""What stands behind FROM or --from is no name of an image.

Names of images are in lower case; a registry, a tag and a digest may stand around them:
`registry.example.com:5000/team/app:1.4@sha256:...`. The builder looks at all of them before it builds
anything, also in stages that the target does not need.

```dockerfile bad
FROM Ubuntu:24.04
#    ^^^^^^^^^^^^
```

```dockerfile fixed
FROM ubuntu:24.04
#    ^^^^^^^^^^^^
```

```dockerfile bad
ARG REGISTRY=registry.example.com/
FROM $REGISTRY/debian:12.8-slim
#    ^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile good
ARG BASE
FROM $BASE AS Build
FROM registry.example.com:5000/team/app:1.4
COPY --from=BUILD /a /a
```

Quiet: names that hang on a build argument without a default, stages and named contexts.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Edit, Fix, Found, Problem, rule


@rule("DG722", "image-name-invalid", severity="error", peers=("InvalidDefaultArgInFrom", "INVALID_REFERENCE_FORMAT"))
def check(problem: Problem) -> Iterator[Found]:
    """Visit what should be the name of an image."""
    if problem.kind != "bad-image":
        return
    meant = problem.suggestion
    yield Found(
        problem,
        problem.message,
        fixes=(Fix.unsafe(f"write {meant}", Edit.replace(problem, meant)),) if meant else (),
    )
