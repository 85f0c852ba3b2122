"""The folder that is to be sent to the builder does not exist.

The build ends at once: `path "..." not found`.

```context
web/Dockerfile = FROM alpine:3.20.3\\nUSER 1000
```

```yaml bad
services:
  web:
    build: ./wbe
#          ^^^^^
```

```yaml good
services:
  web:
    build: ./web
  remote:
    build: https://github.com/docker/awesome-compose.git#master:apache-php/app
```

The folders of further contexts count too. Quiet: contexts that the builder fetches, those outside of the
repository (they are not looked at), and paths that hang on a variable without a value. Where the folder is one
that git ignores, or a submodule that is not checked out, the confidence is low.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, Found, Invocation, rule


@rule("DG732", "context-missing", severity="error", no_fix="which folder is meant is for the author to say")
def check(invocation: Invocation) -> Iterator[Found]:
    """Visit every build that a file describes."""
    for problem in invocation.problems:
        if problem.kind == "context-missing":
            confidence = Confidence.HIGH if problem.sure else Confidence.LOW
            yield Found(problem.span, problem.message, confidence=confidence)
