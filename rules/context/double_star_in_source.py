"""A source of COPY or ADD holds `**`, which stands for one folder there, not for any number of them.

In an ignore file `**` spans folders. Sources of COPY are compared as Go's filepath.Match does it: `**` is `*`, and
stays within one name. So `src/**/*.js` takes what lies exactly one folder below `src`, without a word on the rest.

```context
src/index.js
src/lib/a.js
src/lib/deep/b.js
```

```dockerfile bad
FROM node:22.11.0-slim
COPY src/**/*.js /app/
#    ^^^^^^^^^^^
```

```dockerfile good
# syntax=docker/dockerfile:1.20
FROM node:22.11.0-slim
COPY --parents src/**/*.js /app/
```

With `--parents` the builder does span folders. Quiet where nothing lies deeper or above that the pattern means.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Add, BuildContext, Copy, Found, Taking, compile_pattern, rule

SHOWN = 2


@rule(
    "DG234",
    "double-star-in-source",
    onbuild=True,
    no_fix="a pattern of COPY has no way to say what is meant: the folders have to be named, or all of it copied",
)
def check(taking: Taking, context: BuildContext) -> Iterator[Found]:
    """Visit the sources with `**`."""
    copy, source = taking.instruction, taking.source or ""
    if not isinstance(copy, (Copy, Add)) or copy.flag("parents") is not None or "**" not in source.split("/"):
        return
    meant = compile_pattern(source)
    taken = {file.path for file in taking.files}
    missed = [
        file.path
        for file in context.files
        if file.kind == "file" and file.path not in taken and not meant.fault and meant.match(file.path)
    ]
    if missed:
        shown = ", ".join(repr(path) for path in missed[:SHOWN])
        more = f" and {len(missed) - SHOWN} more" if len(missed) > SHOWN else ""
        yield Found(taking.place, f"`**` stands for one folder here, so {shown}{more} are not copied")
