r"""An empty line stands inside of an instruction that goes on below it.

BuildKit skips it and warns: it wants to refuse such lines one day. Often it shows that a continuation
character was left behind, and that the instruction below was not meant to be part of this one.

```dockerfile bad
FROM debian:12.8-slim
RUN apt-get update && \

    apt-get upgrade -y
```

```dockerfile fixed
FROM debian:12.8-slim
RUN apt-get update && \
    apt-get upgrade -y
```

```dockerfile good
FROM debian:12.8-slim
RUN apt-get update && \
    # a comment may stand here
    apt-get upgrade -y
RUN <<EOF
apt-get update

apt-get upgrade -y
EOF
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Edit, Fix, Found, Problem, rule


@rule("DG723", "blank-line-in-instruction", severity="info", peers=("NoEmptyContinuation", "EMPTY_CONTINUATION_LINE"))
def check(problem: Problem) -> Iterator[Found]:
    """Visit the empty lines inside of instructions."""
    if problem.kind != "blank-continuation":
        return
    source = problem.span.source
    below = source.text.find("\n", problem.span.end) + 1 or len(source.text)
    fix = Fix.identical("drop the empty line", Edit.delete(source.span(problem.span.start, below)))
    yield Found(problem, problem.message, fixes=(fix,))
