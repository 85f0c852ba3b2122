"""A line takes a great many bytes, and most of them lie in a folder that it does not name.

Every build hashes and, when they changed, sends and copies all of it. Who takes a whole folder for its code
may not know of the data set, the recordings or the dump that came to lie in it.

```context
app.py = print(1)
data/train.bin [400 MB]
```

```dockerfile bad
FROM python:3.12.7-slim
COPY . /app
#    ^
```

```dockerfile good
FROM python:3.12.7-slim
COPY app.py /app/
COPY data /app/data
```

The message names the lines of an ignore file that keep it out, if the image does not need it. The threshold is the
option `megabytes` (100). `dfguard context` shows where the bytes lie. Folders that no
image needs (`.git`, `node_modules`) are told by DG201.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import BuildContext, Found, Options, Taking, amount, rule

TOLD_ELSEWHERE = frozenset((".git", ".svn", ".hg", "node_modules", ".venv", "venv"))
SHARE = 0.5
SHOWN = 3


class Weight(Options):
    """`megabytes`: what a line may take."""

    megabytes: int = 100


@rule(
    "DG239",
    "context-weight",
    severity="info",
    onbuild=True,
    no_fix="which of the files the image needs is for the author to say; `dfguard context --suggest` proposes lines",
)
def check(taking: Taking, context: BuildContext | None, options: Weight) -> Iterator[Found]:
    """Visit the folders that lines take."""
    least = options.megabytes * 10**6
    if context is None or sum(map(context.size_below, folders(taking))) < least:
        return
    weights: dict[str, int] = {}
    total = 0
    for selected in taking.selected:
        if selected.entry is not None and selected.entry.kind != "dir":
            continue
        cut = len(selected.entry.path) + 1 if selected.entry is not None else 0
        for file in selected.below:
            if file.kind == "file":
                top, slash, _ = file.path[cut:].partition("/")
                if top not in TOLD_ELSEWHERE:
                    total += file.size
                    if slash or not cut:  # what lies in a named folder itself is named, too
                        name = file.path[:cut] + top + slash
                        weights[name] = weights.get(name, 0) + file.size
    if total < least:
        return
    heavy = [name for name in sorted(weights, key=lambda name: -weights[name])[:SHOWN] if weights[name] * 10 >= total]
    if sum(weights[name] for name in heavy) < SHARE * total:
        return
    parts = ", ".join(f"{name} {amount(weights[name])}" for name in heavy)
    lines = " and ".join(f"`{name.rstrip('/')}`" for name in heavy)
    yield Found(
        taking.place,
        f"takes {amount(total)} of the build context, of that {parts}; {lines} in the ignore file "
        f"{'keeps it' if len(heavy) == 1 else 'keep them'} out",
    )


def folders(taking: Taking) -> Iterator[str]:
    """The folders that a line takes; "" is the whole context."""
    for selected in taking.selected:
        if selected.entry is None or selected.entry.kind == "dir":
            yield selected.entry.path if selected.entry is not None else ""
