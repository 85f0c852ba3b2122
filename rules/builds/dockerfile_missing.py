"""The Dockerfile that is to be built does not exist.

The build ends at once: `failed to read dockerfile: open Dockerfile: no such file or directory`. The path starts
at the build context, not at the file that names it.

```context
web/Dockerfile = FROM alpine:3.20.3\\nUSER 1000
docker/web.Dockerfile = FROM alpine:3.20.3\\nUSER 1000
```

```yaml bad
services:
  web:
    build:
      context: ./web
      dockerfile: docker/web.Dockerfile
#                 ^^^^^^^^^^^^^^^^^^^^^
```

```yaml good
services:
  web:
    build:
      context: ./web
  other:
    build:
      context: ./web
      dockerfile: ../docker/web.Dockerfile
```

Where no Dockerfile is named, `Dockerfile` and `dockerfile` count. A path that hangs on a variable without a value
is left alone. Where git ignores the file, so that something else makes it, the confidence is low.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, Found, Invocation, rule


@rule("DG733", "dockerfile-missing", severity="error", no_fix="which file is meant is for the author to say")
def check(invocation: Invocation) -> Iterator[Found]:
    """Visit every build that a file describes."""
    for problem in invocation.problems:
        if problem.kind == "dockerfile-missing":
            confidence = Confidence.HIGH if problem.sure else Confidence.LOW
            yield Found(problem.span, problem.message, confidence=confidence)
