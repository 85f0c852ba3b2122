"""Containers of the image run as root, as no other user is set.

What breaks into the process has root's rights in the container, and on what is mounted there. Set USER in the stage
that ships; programs that drop their rights by themselves may ignore this.

```image bad
ADD rootfs.tar /
  /etc/os-release = ID=debian
CMD ["/bin/sh"]
```

```image good
ADD rootfs.tar /
  /etc/os-release = ID=debian
USER 10001
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, Image, ImagePlace, rule


@rule(
    "DG915",
    "image-runs-as-root",
    severity="info",
    presets={"kubernetes": "error"},
    peers=("CIS-DI-0001",),
    no_fix="it is found in an image; which user the program can do with shows only when it runs",
)
def check(image: Image) -> Iterator[Found]:
    """Visit an image."""
    user = image.config.user.partition(":")[0]
    if image.config.os != "windows" and user in ("", "0", "root"):
        told = f"the user {user!r} is root" if user else "no user is set"
        yield Found(ImagePlace(image.name, "config.User"), f"{told}: containers run as root")
