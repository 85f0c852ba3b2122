"""The image holds lists or caches of a package manager, which only a build needs.

Remove them in the RUN that made them: a later one only hides them. Or keep them out of the layer with a cache mount
(`RUN --mount=type=cache,target=/var/cache/apt`).

```image bad
ADD rootfs.tar /
  /etc/os-release = ID=debian
RUN apt-get update && apt-get install -y curl
  /var/lib/apt/lists/deb_main_Packages = x
```

```image good
ADD rootfs.tar /
  /etc/os-release = ID=debian
RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*
  /usr/bin/curl 755 = x
  /var/lib/apt/lists/ 755
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, LayerNames, Leftover, rule


@rule(
    "DG912",
    "package-cache-in-image",
    severity="info",
    peers=("DKL-DI-0004", "DKL-DI-0005"),
    no_fix="it is found in an image; where the Dockerfile shows the line that left it, that line's rule has the fix",
)
def check(left: Leftover, names: LayerNames) -> Iterator[Found]:
    """Visit what the build left in the image."""
    if left.kind == "cache" and not left.base:
        yield Found(
            left.place, f"{left.names[0]}, {left.size:,} bytes, in {names.of(left.layer)}: {left.remedy!r} keeps it out"
        )
