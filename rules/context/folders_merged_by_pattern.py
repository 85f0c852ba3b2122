"""A pattern of COPY or ADD matches folders: their contents are merged, the folders themselves are lost.

COPY copies what is in a folder, not the folder. `COPY . /app/` keeps the tree below it; `COPY * /app/` lays the
contents of `src/` and `test/` side by side into `/app`, without a word.

```context
server.js
src/index.js
test/index.js
```

```dockerfile bad
FROM node:22.11.0-slim
WORKDIR /app
COPY * ./
#    ^
```

```dockerfile fixed
FROM node:22.11.0-slim
WORKDIR /app
COPY . ./
#    ^
```

```context
packages/api/index.js
packages/web/index.js
```

```dockerfile bad
FROM node:22.11.0-slim
COPY packages/* /app/packages/
#    ^^^^^^^^^^
```

```dockerfile good
FROM node:22.11.0-slim
COPY packages /app/packages
COPY packages/a* /app/
```

A pattern that matches one folder and nothing else is left alone, and so is `--parents`.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Add, BuildContext, Copy, Edit, Fix, Found, rule

SHOWN = 3


@rule("DG236", "folders-merged-by-pattern")
def check(copy: Copy | Add, context: BuildContext) -> Iterator[Found]:
    """Visit every COPY and ADD with patterns."""
    if copy.from_ is not None or copy.flag("parents") is not None:
        return
    for source in copy.sources:
        if source.kind != "glob":
            continue
        taken = context.sources(source.raw)
        folders = [t for t in taken if t.entry is not None and t.entry.kind == "dir" and t.below]
        if not folders or len(taken) < 2:
            continue
        shown = ", ".join(repr(folder.path) for folder in folders[:SHOWN])
        more = f" and {len(folders) - SHOWN} more" if len(folders) > SHOWN else ""
        one = len(folders) == 1
        lost = "its content is copied, the folder is lost" if one else "their contents are merged, the folders are lost"
        fixes: tuple[Fix, ...] = ()
        if source.raw in ("*", "./*"):
            fixes = (Fix.unsafe("copy the folder itself", Edit.replace(source.span, ".")),)
        yield Found(source, f"the pattern matches {shown}{more}: {lost}", fixes=fixes)
