"""The image runs as a user or group that it does not know: no container starts.

The engine looks the name up in `/etc/passwd` and `/etc/group` of the image. Create the user in the stage that ships,
or use its number.

```image bad
ADD rootfs.tar /
  /etc/passwd = root:x:0:0:root:/root:/bin/sh
USER app
```

```image good
ADD rootfs.tar /
  /etc/passwd = root:x:0:0:root:/root:/bin/sh\\napp:x:10:10::/:/bin/sh
  /etc/group = root:x:0:\\napp:x:10:
  /bin/sh 755 = x
USER app:app
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, RuntimeFault, rule


@rule(
    "DG907",
    "user-not-in-image",
    severity="error",
    no_fix="it is found in an image; the user has to be created by the build, or another one be named",
)
def check(fault: RuntimeFault) -> Iterator[Found]:
    """Visit what containers of the image stumble over."""
    if fault.kind == "user":
        yield Found(fault.place, f"no container of it starts as {fault.name!r}: {fault.problem}")
