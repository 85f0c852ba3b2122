"""A pattern of COPY or ADD matches nothing: BuildKit copies nothing, and says nothing.

A misspelt path ends the build, a misspelt pattern does not: the image just lacks the files. (The classic
builder does refuse it.)

```context
config/app.yaml
```

```dockerfile bad
FROM nginx:1.27.2
COPY config/*.yml /etc/app/
#    ^^^^^^^^^^^^
```

```dockerfile good
FROM nginx:1.27.2
COPY config/*.yaml /etc/app/
```

A pattern is also how people say "if it is there": one that ends in `*` or `?` behind a name
(`yarn.lock*`), and one beside sources that are there, are left alone. What a step before the build makes
is of low confidence.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Absent, Add, BuildContext, Copy, Found, StageGraph, regex, rule

OPTIONAL = regex(r"[^*?\[/][*?]\Z|\[[^]]+\][^*?\[/]*\Z")


@rule("DG233", "pattern-without-match", onbuild=True, no_fix="what the pattern was to match is not there to tell")
def check(absent: Absent, context: BuildContext, graph: StageGraph) -> Iterator[Found]:
    """Visit the sources that take nothing."""
    copy = absent.taking.instruction
    if absent.kind != "no-match" or not isinstance(copy, (Copy, Add)) or OPTIONAL.search(absent.path):
        return
    others = [source for source in copy.sources if source.span != absent.taking.place]
    if any(source.heredoc is not None or source.kind in ("url", "git", "variable") for source in others):
        return
    scope = graph.scope_at(copy)
    if any(context.sources(scope.expand(source.raw).value) for source in others):
        return
    yield Found(
        absent.taking.place,
        f"nothing in the build context matches {absent.path!r}: nothing is copied, without a word",
        confidence=absent.confidence,
    )
