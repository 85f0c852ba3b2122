"""The build added a program that runs with the rights of its owner or group (set-user-ID, set-group-ID).

Whoever runs in the container becomes that user by it: root, most often, also where USER is another one. If nothing
needs it, take the bit away in the RUN that brought it (`chmod u-s`), or leave the package out.

```image bad
ADD rootfs.tar /
  /etc/os-release = ID=debian
  /usr/bin/su 4755 = x
RUN apt-get install -y sudo
  /usr/bin/sudo 4755 = x
```

```image good
ADD rootfs.tar /
  /etc/os-release = ID=debian
  /usr/bin/su 4755 = x
RUN apt-get install -y curl
  /usr/bin/curl 755 = x
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Addition, Found, LayerNames, rule


@rule(
    "DG904",
    "set-user-id-added",
    severity="info",
    peers=("CIS-DI-0008",),
    no_fix="it is found in an image; the program may need that right to work",
)
def check(added: Addition, names: LayerNames) -> Iterator[Found]:
    """Visit what the build added to the permissions of the base."""
    if added.kind == "set-id":
        who = "owner" if added.mode & 0o4000 else "group"
        yield Found(added.place, f"{added.path!r} runs with the rights of its {who}, added by {names.of(added.layer)}")
