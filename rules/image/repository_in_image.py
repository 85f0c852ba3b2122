"""The image holds the folder of a version control system, with all that was ever committed.

The history shows sources, and secrets that were removed long ago, to everybody who can pull the image, and no container
needs it. Put `.git` into .dockerignore.

```image bad
ADD rootfs.tar /
  /etc/os-release = ID=debian
COPY . /app
  /app/.git/HEAD = ref: refs/heads/main
```

```image good
ADD rootfs.tar /
  /etc/os-release = ID=debian
COPY . /app
  /app/.gitignore = x
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, Found, LayerNames, Leftover, rule


@rule(
    "DG919",
    "repository-in-image",
    severity="warning",
    peers=("DKL-LI-0003",),
    no_fix="it is found in an image; the ignore file is not at hand",
)
def check(left: Leftover, names: LayerNames) -> Iterator[Found]:
    """Visit what the build left in the image."""
    if left.kind == "repository" and not left.base:
        told = names.of(left.layer)
        sure = Confidence.HIGH if "(COPY " in told or "(ADD " in told else Confidence.LOW  # others clone what is public
        yield Found(left.place, f"{left.names[0]!r} holds the history of sources, from {told}", confidence=sure)
