"""A build argument is given that no ARG of the Dockerfile declares: it does nothing.

Most often the name is misspelt, or the ARG was renamed or removed, and the build silently takes a default.

```context
Dockerfile = FROM alpine:3.20.3\\nARG APP_VERSION=1.0\\nRUN echo "$APP_VERSION" > /version\\nUSER 1000
```

```yaml bad
services:
  web:
    build:
      context: .
      args:
        APP_VERSON: "2.3"
#       ^^^^^^^^^^
```

```yaml good
services:
  web:
    build:
      context: .
      args:
        APP_VERSION: "2.3"
        HTTP_PROXY: http://proxy:3128
        BUILDKIT_INLINE_CACHE: "1"
```

Quiet: arguments that the builder itself knows (proxies, `BUILDKIT_...`, `SOURCE_DATE_EPOCH`, platforms),
arguments that an anchor, `extends` or `inherits` gives to several builds at once, arguments of the command line,
and Dockerfiles with a frontend of their own (`# syntax=`). An ARG in any stage counts, and one under ONBUILD.
Without a name nearby the confidence is medium: ONBUILD of the base image may declare the argument.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import (
    Arg,
    Confidence,
    Dockerfile,
    Found,
    Frontend,
    Invocation,
    Onbuild,
    is_builder_arg,
    nearest,
    rule,
)


@rule("DG730", "build-arg-undeclared", no_fix="the argument may be given to the wrong build, or the ARG be missing")
def check(invocation: Invocation, dockerfile: Dockerfile, frontend: Frontend | None) -> Iterator[Found]:
    """Visit every build that a file describes."""
    if frontend is not None and frontend.foreign:
        return
    declared = names(dockerfile)
    for argument in invocation.arguments:
        if argument.name in declared or is_builder_arg(argument.name) or not invocation.owns(argument.span):
            continue
        assert argument.span is not None
        near = nearest(argument.name, declared)
        what = f"no ARG declares {argument.name!r}, so it does nothing"
        yield Found(
            argument.span,
            f"{what}: did you mean {near!r}?" if near else what,
            confidence=Confidence.HIGH if near else Confidence.MEDIUM,
        )


def names(dockerfile: Dockerfile) -> dict[str, None]:
    """The names that ARGs declare, triggers included."""
    nodes = (node.trigger if isinstance(node, Onbuild) else node for node in dockerfile.instructions)
    return {pair.name: None for node in nodes if isinstance(node, Arg) for pair in node.pairs}
