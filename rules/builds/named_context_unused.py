"""A build is given a further context that the Dockerfile does not use.

Neither FROM nor `--from` nor a mount names it, so it is sent for nothing; often its name is misspelt.

```context
Dockerfile = FROM alpine:3.20.3\\nCOPY --from=shared /conf /conf\\nUSER 1000
lib/conf/app.conf = x
```

```yaml bad
services:
  web:
    build:
      context: .
      additional_contexts:
        share: ./lib
#       ^^^^^
```

```yaml good
services:
  web:
    build:
      context: .
      additional_contexts:
        shared: ./lib
        alpine:3.20.3: docker-image://alpine:3.20.4
```

A context may take the place of an image or of a stage, so those names count too. Quiet: contexts that an anchor,
`extends` or `inherits` gives to several builds, Dockerfiles that name an image by a variable without a value, and
those with a frontend of their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, Frontend, Invocation, StageGraph, nearest, rule


@rule(
    "DG736",
    "named-context-unused",
    severity="info",
    no_fix="the folder may be left over, or the line that takes from it be missing",
)
def check(invocation: Invocation, graph: StageGraph, frontend: Frontend | None) -> Iterator[Found]:
    """Visit every build with further contexts."""
    if not invocation.named_contexts or (frontend is not None and frontend.foreign):
        return
    if any(each.stage is None and each.image is None and each.named is None for each in graph.references):
        return
    texts = {text for reference in graph.references for text in (reference.text, reference.image) if text}
    texts |= {stage.name for stage in graph.stages if stage.name}
    used = {reference.named for reference in graph.references} | {invocation.name_of(text) for text in texts}
    for named in invocation.named_contexts:
        if named.name in used or not invocation.owns(named.span):
            continue
        assert named.span is not None
        near = nearest(named.name, texts)
        message = f"nothing uses the context {named.name!r}"
        yield Found(named.span, f"{message}: did you mean {near!r}?" if near else message)
