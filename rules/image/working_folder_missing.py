"""The working folder of the image is no folder of it.

A file in its place keeps containers from starting. Where nothing is, the engine makes a folder that belongs to root,
and another user can't write there.

```image bad
ADD rootfs.tar /
  /etc/os-release = ID=debian
WORKDIR /app
  /app/ 755
RUN rm -rf /app
  - /app
```

```image good
ADD rootfs.tar /
  /etc/os-release = ID=debian
WORKDIR /app
  /app/ 755
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, RuntimeFault, rule


@rule(
    "DG909",
    "working-folder-missing",
    severity="warning",
    no_fix="it is found in an image; either the folder is missing or its path is wrong",
)
def check(fault: RuntimeFault) -> Iterator[Found]:
    """Visit what containers of the image stumble over."""
    if fault.kind == "workdir":
        yield Found(fault.place, f"the working folder {fault.name!r} {fault.problem}")
