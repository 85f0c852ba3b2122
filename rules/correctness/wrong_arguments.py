"""An instruction has no arguments, too many of them, or such as it does not take.

```dockerfile bad
FROM debian:12.8-slim
ENV GREETING=hello world
#                  ^^^^^
```

```dockerfile bad
FROM debian:12.8-slim
COPY app.py
# <- ^^^^
```

```dockerfile bad
FROM debian:12.8-slim AS 1st
#                        ^^^
```

```dockerfile bad
FROM debian:12.8-slim
HEALTHCHECK curl -f http://127.0.0.1/
#           ^^^^
```

```dockerfile bad
FROM debian:12.8-slim
ONBUILD FROM scratch
#       ^^^^
```

```dockerfile good
FROM debian:12.8-slim AS first
ENV GREETING="hello world" NAME=
ENV MOTTO all of the line
COPY app.py .
HEALTHCHECK NONE
SHELL ["bash", "-c"]
CMD []
```

What stands behind ONBUILD is met only by a build FROM this image, and RUN without a command runs nothing:
both are warnings.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, Problem, Severity, rule

KINDS = ("missing-arguments", "bad-arguments")


@rule(
    "DG719",
    "wrong-arguments",
    severity="error",
    peers=(
        "DL1000", "ARGUMENT_MISSING", "ARGUMENT_EXTRA", "ARGUMENT_UNNECESSARY", "ARGUMENT_REQUIRES_ONE",
        "ARGUMENT_REQUIRES_TWO", "ARGUMENT_REQUIRES_ONE_OR_THREE", "ARGUMENT_REQUIRES_AT_LEAST_ONE",
        "ARGUMENT_REQUIRES_AT_LEAST_TWO", "HEALTHCHECK_CMD_ARGUMENT_MISSING", "UNKNOWN_TYPE", "SHELL_REQUIRES_ONE",
        "INVALID_AS", "INVALID_BUILD_STAGE_NAME", "ONBUILD_CHAINING_DISALLOWED", "ONBUILD_TRIGGER_DISALLOWED",
        "SYNTAX_MISSING_EQUALS", "SYNTAX_MISSING_NAMES",
    ),
    no_fix="what was meant by the missing or surplus arguments is for the author to say",
)  # fmt: skip
def check(problem: Problem) -> Iterator[Found]:
    """Visit the instructions with arguments that they do not take."""
    if problem.kind in KINDS:
        yield Found(problem, problem.message, severity=None if problem.refused else Severity.WARNING)
