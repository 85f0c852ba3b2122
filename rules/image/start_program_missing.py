"""The program that containers start is not in the image, or can't be run there.

It is looked up as the engine does: the first word of ENTRYPOINT, or else of CMD, below PATH or the working folder,
links followed. A script needs its interpreter, a dynamic program its loader: a glibc program does not start on Alpine.

```image bad
ADD rootfs.tar /
  /bin/sh 755 = x
COPY start.sh /usr/local/bin/
  /usr/local/bin/start.sh 644 = #!/bin/sh
ENTRYPOINT ["start.sh"]
```

```image good
ADD rootfs.tar /
  /bin/sh 755 = x
COPY start.sh /usr/local/bin/
  /usr/local/bin/start.sh 755 = #!/bin/sh
ENTRYPOINT ["start.sh"]
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, RuntimeFault, rule


@rule(
    "DG908",
    "start-program-missing",
    severity="error",
    no_fix="it is found in an image; either the program is missing or its path is wrong",
)
def check(fault: RuntimeFault) -> Iterator[Found]:
    """Visit what containers of the image stumble over."""
    if fault.kind == "program":
        yield Found(fault.place, f"containers can't start {fault.name!r}: it {fault.problem}")
