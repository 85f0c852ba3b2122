"""An account of the image has an empty password: everybody may become it.

`su`, and every service that asks for passwords, lets it in without one. Lock it (`passwd -l NAME`), or leave the field
as `*`, `!` or `x`.

```image bad
ADD rootfs.tar /
  /etc/shadow = root::19700:0:99999:7:::
```

```image good
ADD rootfs.tar /
  /etc/shadow = root:*:19700:0:99999:7:::\\napp:!:19700::::::
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, RuntimeFault, rule


@rule(
    "DG910",
    "account-without-password",
    severity="error",
    peers=("DKL-LI-0001",),
    no_fix="it is found in an image; the package or script that made the account has to be changed",
)
def check(fault: RuntimeFault) -> Iterator[Found]:
    """Visit what containers of the image stumble over."""
    if fault.kind == "no-password":
        yield Found(fault.place, f"the account {fault.name!r} {fault.problem}: everybody may become it")
