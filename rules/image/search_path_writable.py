"""A folder on PATH, made by the build, is writable for everybody.

Any process of the container can put a program there that others then start, root included. Take the bit away
(`chmod o-w`).

```image bad
ADD rootfs.tar /
  /etc/os-release = ID=debian
RUN mkdir -m 777 /opt/bin
  /opt/bin/ 777
ENV PATH=/opt/bin:/usr/bin
```

```image good
ADD rootfs.tar /
  /etc/os-release = ID=debian
RUN mkdir /opt/bin
  /opt/bin/ 755
ENV PATH=/opt/bin:/usr/bin
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Addition, Found, LayerNames, rule


@rule(
    "DG906",
    "search-path-writable",
    severity="warning",
    no_fix="it is found in an image; who has to write there is for the program's author to say",
)
def check(added: Addition, names: LayerNames) -> Iterator[Found]:
    """Visit what the build added to the permissions of the base."""
    if added.kind == "search-path":
        yield Found(
            added.place, f"every user may put programs into {added.path!r}, which is on PATH, {names.of(added.layer)}"
        )
