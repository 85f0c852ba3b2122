"""The stage that is to be built does not exist.

The build ends at once: `target stage "..." could not be found`.

```context
Dockerfile = FROM alpine:3.20.3 AS build\\nRUN true\\nFROM build AS runtime\\nUSER 1000
```

```yaml bad
services:
  web:
    build:
      context: .
      target: production
#             ^^^^^^^^^^
```

```yaml good
services:
  web:
    build:
      context: .
      target: Runtime
```

Names of stages are compared without regard to case, and a number is no name. A target that hangs on a variable
without a value is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, Invocation, rule


@rule("DG731", "target-missing", severity="error", no_fix="which stage is meant is for the author to say")
def check(invocation: Invocation) -> Iterator[Found]:
    """Visit every build that a file describes."""
    for problem in invocation.problems:
        if problem.kind == "target-missing":
            yield Found(problem.span, problem.message)
