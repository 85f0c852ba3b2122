"""A `RUN --mount` that the builder refuses: a type, an option or a value that it does not know.

Options belong to a type of mount, and the order counts: `type=` has to stand before `size=` and
`required`. A mount needs a target, unless a WORKDIR other than `/` stands above.

```dockerfile bad
FROM debian:12.8-slim
RUN --mount=type=cache,taget=/var/cache/apt apt-get update
#                      ^^^^^^^^^^^^^^^^^^^^
```

```dockerfile fixed
FROM debian:12.8-slim
RUN --mount=type=cache,target=/var/cache/apt apt-get update
#                      ^^^^^^^^^^^^^^^^^^^^
```

```dockerfile bad
FROM debian:12.8-slim
RUN --mount=type=bind,source=.,target=/src,mode=0755 make -C /src
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile bad
FROM debian:12.8-slim
RUN --mount=type=secret,required make
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile good
FROM debian:12.8-slim
ARG CACHE=/var/cache/apt
RUN --mount=type=cache,target=$CACHE,sharing=locked apt-get update
RUN --mount=type=secret,id=token,required=true,env=TOKEN make
RUN --mount=type=tmpfs,target=/scratch,size=64m make
WORKDIR /src
RUN --mount=type=bind make
```

A mount whose option hangs on a build argument without a default is not judged. `z`, `Z`, `U` and
`relabel` are options of Podman and Buildah: BuildKit refuses them, so in a file named Containerfile they
are shown with `--pedantic` only.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, Dockerfile, Edit, Fix, Found, Problem, Severity, rule


@rule("DG717", "mount-invalid", severity="error", peers=("DL1000",))
def check(problem: Problem, dockerfile: Dockerfile) -> Iterator[Found]:
    """Visit the mounts that are refused."""
    if problem.kind != "bad-mount":
        return
    meant = problem.suggestion
    name = dockerfile.source.path.rpartition("/")[2].lower()
    other_builder = name.startswith("containerfile") and "Buildah" in problem.message
    yield Found(
        problem,
        problem.message,
        severity=None if problem.refused and not other_builder else Severity.WARNING,
        confidence=Confidence.LOW if other_builder else Confidence.HIGH,
        fixes=(Fix.unsafe(f"write {meant}", Edit.replace(problem, meant)),) if meant else (),
    )
