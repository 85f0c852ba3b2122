"""A heredoc is never closed: the line with its name is missing, or is not exactly that.

The closing line holds the name and nothing else, no blank before it or behind it. Only `<<-` allows tabs
before it.

```dockerfile bad
FROM debian:12.8-slim
RUN <<EOF
#   ^^^^^
apt-get update
  EOF
```

```dockerfile good
FROM debian:12.8-slim
RUN <<EOF
apt-get update
EOF
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, Problem, rule

KINDS = ("unterminated-heredoc", "bad-heredoc")


@rule(
    "DG720",
    "heredoc-unterminated",
    severity="error",
    peers=("DL1000",),
    no_fix="where the text was to end is for the author to say",
)
def check(problem: Problem) -> Iterator[Found]:
    """Visit the heredocs that take the rest of the file."""
    if problem.kind in KINDS:
        yield Found(problem, problem.message)
