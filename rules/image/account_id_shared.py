"""Two accounts or groups of the image share a name or an id.

Accounts of one id own each other's files, and what is denied to one the other may do; of two lines of one name
programs use the first. A second account with root's id is DG911.

```image bad
ADD rootfs.tar /
  /etc/passwd = root:x:0:0:root:/root:/bin/sh\\napp:x:10:10::/:/bin/sh\\nweb:x:10:10::/:/bin/sh
```

```image good
ADD rootfs.tar /
  /etc/passwd = root:x:0:0:root:/root:/bin/sh\\napp:x:10:10::/:/bin/sh\\nweb:x:11:10::/:/bin/sh
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, RuntimeFault, rule


@rule(
    "DG916",
    "account-id-shared",
    severity="warning",
    peers=("DKL-LI-0002",),
    no_fix="it is found in an image; which of the two is to change, and what files it owns, is for its makers to say",
)
def check(fault: RuntimeFault) -> Iterator[Found]:
    """Visit what containers of the image stumble over."""
    if fault.kind == "shared":
        yield Found(fault.place, f"{fault.name!r} {fault.problem}")
