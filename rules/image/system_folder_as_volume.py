"""A folder of the kernel is declared a volume: the engine lays an empty one over it.

`/dev`, `/proc` and `/sys` are filled by the kernel. Remove the VOLUME.

```image bad
ADD rootfs.tar /
  /etc/os-release = ID=debian
VOLUME /proc
```

```image good
ADD rootfs.tar /
  /etc/os-release = ID=debian
VOLUME /data
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, Image, ImagePlace, rule


@rule(
    "DG914",
    "system-folder-as-volume",
    severity="error",
    peers=("DKL-DI-0002",),
    no_fix="it is found in an image; which folder was meant is for the author to say",
)
def check(image: Image) -> Iterator[Found]:
    """Visit an image."""
    for volume in image.config.volumes:
        if (volume.rstrip("/") or "/") in ("/dev", "/proc", "/sys"):
            place = ImagePlace(image.name, "config.Volumes")
            yield Found(place, f"the volume {volume!r} hides what the kernel has there")
