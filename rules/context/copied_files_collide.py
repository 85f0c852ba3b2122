"""One COPY brings several files of the same name into one folder: each overwrites the one before.

COPY keeps the name of a file, not the folders that it lies in. A pattern over folders
(`packages/*/package.json`) so leaves the last match only, and says nothing.

```context
packages/api/package.json
packages/web/package.json
package.json
```

```dockerfile bad
FROM node:22.11.0-slim
WORKDIR /app
COPY packages/*/package.json ./packages/
#    ^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile good
# syntax=docker/dockerfile:1.20
FROM node:22.11.0-slim
WORKDIR /app
COPY --parents packages/*/package.json ./
```

Two files that are named one by one count too. Folders whose contents are laid over one another on purpose
(`COPY common/ special/ /etc/app/`) do not.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Add, BuildContext, Confidence, Copy, Found, StageGraph, rule

SHOWN = 3


@rule(
    "DG235",
    "copied-files-collide",
    severity="error",
    no_fix="which of the files is to have which name is for the author to say",
)
def check(copy: Copy | Add, context: BuildContext, graph: StageGraph) -> Iterator[Found]:
    """Visit every COPY and ADD that copies into a folder."""
    if copy.from_ is not None or copy.flag("parents") is not None or not into_folder(copy):
        return
    scope = graph.scope_at(copy)
    by_name: dict[str, list[tuple[str, int]]] = {}
    for number, source in enumerate(copy.sources):
        read = scope.expand(source.raw.strip("\"'"))
        if source.kind not in ("local", "glob", "variable") or read.unknown or read.error:
            continue
        for selected in context.sources(read.value):
            if selected.entry is not None and selected.entry.kind == "file":
                by_name.setdefault(selected.path.rpartition("/")[2], []).append((selected.path, number))
    for name, found in by_name.items():
        paths = [path for path, _ in dict.fromkeys(found)]
        if len(set(paths)) > 1:
            shown = ", ".join(repr(path) for path in paths[:SHOWN])
            more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
            yield Found(
                copy.sources[found[-1][1]],
                f"{shown}{more} all become {name!r} in one folder: only the last is left",
                confidence=Confidence.HIGH,
            )


def into_folder(copy: Copy | Add) -> bool:
    """Whether the destination is written as a folder."""
    raw = copy.destination.raw.strip("\"'") if copy.destination is not None else ""
    return raw in (".", "..") or raw.endswith(("/", "/.", "/.."))
