"""An exception (`!`) with a wildcard makes the builder walk folders that the ignore file drops.

A dropped folder is not entered as long as all exceptions are plain paths. With one wildcard in one of them the
builder walks every dropped folder, in every build, and compares each file in it with the lines: it can't know
where the exception may match.

```context
Dockerfile = FROM node:22.11.0\\nCOPY . .
docs/guide/a.md = x
node_modules/left-pad [1200 files]
```

```dockerignore bad
node_modules
docs
!docs/**/a.md
# <- ^^^^^^^^^^^^^
```

A star at the very end is no wildcard to this end, and neither is a plain path:

```dockerignore good
node_modules
docs
!docs/guide/a.md
```

The threshold is the option `files` (1000), for all such folders together. Quiet where a folder that an exception
names is the one that is walked: that is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, IgnoreEffects, IgnoreFile, Options, rule

SHOWN = 3


class Walked(Options):
    """`files`: how many files may be walked in vain."""

    files: int = 1000


@rule(
    "DG219",
    "exception-walks-dropped-folder",
    severity="info",
    no_fix="which of the files that the wildcard might match are wanted is for the author to say",
)
def check(ignore: IgnoreFile, effects: IgnoreEffects, options: Walked) -> Iterator[Found]:
    """Visit every ignore file."""
    counts = effects.walked
    total = sum(counts.values())
    if total < options.files:
        return
    heavy = sorted(counts, key=lambda folder: (-counts[folder], folder))[:SHOWN]
    parts = ", ".join(f"{folder} {counts[folder]:,}" for folder in heavy if counts[folder] * 10 >= total)
    guilty = [pattern for pattern in ignore.patterns if effects.makes_walk(pattern)]
    yield Found(
        guilty[0],
        f"for its wildcard the builder walks {total:,} files in folders that are dropped ({parts}): "
        "with plain paths as exceptions it does not enter them",
        related=tuple((pattern, "this one, too") for pattern in guilty[1:]),
    )
