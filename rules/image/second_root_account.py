"""An account beside root has its id 0, and all its rights.

What is told to run as that user runs as root. Give it an id of its own.

```image bad
ADD rootfs.tar /
  /etc/passwd = root:x:0:0:root:/root:/bin/sh\\ntoor:x:0:0::/:/bin/sh
```

```image good
ADD rootfs.tar /
  /etc/passwd = root:x:0:0:root:/root:/bin/sh\\napp:x:10:10::/:/bin/sh
  /etc/group = root:x:0:\\napp:x:10:
  /bin/sh 755 = x
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, RuntimeFault, rule


@rule(
    "DG911",
    "second-root-account",
    severity="warning",
    peers=("DKL-LI-0002",),
    no_fix="it is found in an image; the package or script that made the account has to be changed",
)
def check(fault: RuntimeFault) -> Iterator[Found]:
    """Visit what containers of the image stumble over."""
    if fault.kind == "root-twice":
        yield Found(fault.place, f"the account {fault.name!r} {fault.problem}")
