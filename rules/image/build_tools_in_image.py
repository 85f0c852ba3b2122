"""The build left compilers or debuggers in the image that ships.

They make it larger, and whoever breaks in finds tools there. Build in one stage and copy the result into another; take
debuggers into a container of their own (`docker debug`, `kubectl debug`).

```image bad
ADD rootfs.tar /
  /etc/os-release = ID=debian
RUN apt-get install -y gcc make
  /usr/bin/gcc 755 = x
  /usr/bin/make 755 = x
```

```image good
ADD rootfs.tar /
  /etc/os-release = ID=debian
COPY --from=build /app /app
  /app 755 = x
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, LayerNames, Leftover, rule


@rule(
    "DG913",
    "build-tools-in-image",
    severity="info",
    no_fix="it is found in an image; DG310 names the lines of the Dockerfile",
)
def check(left: Leftover, names: LayerNames) -> Iterator[Found]:
    """Visit what the build left in the image."""
    if left.kind in ("compiler", "debugger") and not left.base:
        listed = ", ".join(left.names[:5]) + (" ..." if len(left.names) > 5 else "")
        yield Found(left.place, f"{left.kind}s in the image: {listed}, from {names.of(left.layer)}")
