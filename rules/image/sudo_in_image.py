"""The build put `sudo` or `doas` into the image that ships.

A container starts as the user it needs; a program that hands out root's rights is only of use to who should not have
them. For the build itself, switch with USER; to drop rights at the start, use `setpriv` or `gosu`, which hand out none.

```image bad
ADD rootfs.tar /
  /etc/os-release = ID=debian
RUN apt-get install -y sudo
  /usr/bin/sudo 4755 = x
USER app
```

```image good
ADD rootfs.tar /
  /etc/os-release = ID=debian
RUN apt-get install -y gosu
  /usr/sbin/gosu 755 = x
USER app
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Addition, Found, LayerNames, rule

_PROGRAMS = ("sudo", "doas")


@rule(
    "DG917",
    "sudo-in-image",
    severity="info",
    peers=("CIS-DI-0008",),
    no_fix="it is found in an image; something that starts in it may call it",
)
def check(added: Addition, names: LayerNames) -> Iterator[Found]:
    """Visit what the build added to the permissions of the base."""
    if added.kind == "set-id" and added.path.rpartition("/")[2] in _PROGRAMS:
        yield Found(added.place, f"{added.path!r} makes root of who may call it, {names.of(added.layer)}")
