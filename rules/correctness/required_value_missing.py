"""The build stops for lack of a value: `${NAME:?}` or an image's name asks for one, and the file has none.

An ARG without a default that the build can't do without is fine where everybody knows which
`--build-arg` to give; a default, or a comment, helps those who do not.

```dockerfile bad
FROM scratch
ENV VERSION="${RELEASE:?which release?}"
#            ^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile good
ARG BASE=debian:12.8-slim
FROM $BASE
ARG RELEASE
ENV VERSION=${RELEASE:-none}
```

An ARG is shown with `--pedantic` only, unless the build arguments are known and the one is not among them.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, Found, From, Instruction, Invocation, Problem, Severity, rule


@rule("DG724", "required-value-missing", severity="error", no_fix="the value is missing, and no other line tells it")
def check(problem: Problem, instruction: Instruction, invocation: Invocation) -> Iterator[Found]:
    """Visit the places that can't do without a value."""
    if problem.kind == "unset-argument":
        told = bool(invocation.build_args)
        yield Found(
            problem,
            problem.message,
            severity=Severity.WARNING if told else Severity.INFO,
            confidence=Confidence.HIGH if told else Confidence.LOW,
        )
    elif problem.kind == "unset-variable" and not (isinstance(instruction, From) and "?" not in problem.span.text):
        yield Found(problem, problem.message, severity=None if problem.refused else Severity.WARNING)
