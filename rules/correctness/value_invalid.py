"""A flag or an instruction has a value that the builder does not take.

Durations need a unit, modes are octal or those of chmod, checksums are complete digests, signals and
platforms are known ones. A flag stands once, unless it is one that collects.

```dockerfile bad
FROM nginx:1.27.2
HEALTHCHECK --interval=30 CMD ["curl", "-f", "http://127.0.0.1/"]
#                      ^^
```

```dockerfile bad
FROM debian:12.8-slim
COPY --chmod=rwxr-xr-x entrypoint.sh /
#            ^^^^^^^^^
```

```dockerfile bad
FROM debian:12.8-slim
STOPSIGNAL SIGTREM
#          ^^^^^^^
```

```dockerfile fixed
FROM debian:12.8-slim
STOPSIGNAL SIGTERM
#          ^^^^^^^
```

```dockerfile bad
FROM --platform=linux/amd64/v8/x debian:12.8-slim
#               ^^^^^^^^^^^^^^^^
```

```dockerfile bad
FROM debian:12.8-slim AS base
FROM debian:12.8-slim
ARG SOURCE=base
COPY --from=$SOURCE /a /a
#           ^^^^^^^
```

```dockerfile good
FROM --platform=$BUILDPLATFORM nginx:1.27.2
ARG MODE
COPY --chmod=$MODE a /a
COPY --chmod=u=rwX,go=rX b /b
ADD --checksum=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef https://example.com/c /c
HEALTHCHECK --interval=1m30s --retries=3 CMD ["/check"]
STOPSIGNAL SIGRTMIN+3
RUN --network=none make
```

A value that hangs on a build argument without a default, or on the base image, is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Edit, Fix, Found, Problem, Severity, rule


@rule(
    "DG718",
    "value-invalid",
    severity="error",
    peers=(
        "DL1000", "INVALID_SIGNAL", "FLAG_INVALID_DURATION", "FLAG_MISSING_DURATION", "FLAG_UNKNOWN_UNIT",
        "FLAG_AT_LEAST_ONE", "FLAG_EXPECTED_BOOLEAN_VALUE", "FLAG_INVALID_FROM_VALUE", "FLAG_INVALID_LINK_VALUE",
        "FLAG_DUPLICATE", "FLAG_MISSING_VALUE",
    ),
)  # fmt: skip
def check(problem: Problem) -> Iterator[Found]:
    """Visit the values that are refused."""
    if problem.kind != "bad-value":
        return
    meant = problem.suggestion
    yield Found(
        problem,
        problem.message,
        severity=None if problem.refused else Severity.WARNING,
        fixes=(Fix.unsafe(f"write {meant}", Edit.replace(problem, meant)),) if meant else (),
    )
