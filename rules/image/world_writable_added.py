"""The build added files or folders that every user of the container may change.

What runs there under another user, or breaks into such a process, can replace code and settings. Give them to the
user that needs them (`COPY --chown`) instead of `chmod 777`. `/tmp`, and folders with the sticky bit, are left alone.

```image bad
ADD rootfs.tar /
  /etc/os-release = ID=debian
COPY app /srv/app
RUN chmod -R 777 /srv/app
  /srv/app/ 777
  /srv/app/main.py 777 = x
```

```image good
ADD rootfs.tar /
  /etc/os-release = ID=debian
COPY --chown=app app /srv/app
  /srv/app/ 755
  /srv/app/main.py 644 = x
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Addition, Found, LayerNames, rule


@rule(
    "DG905",
    "world-writable-added",
    severity="warning",
    no_fix="it is found in an image; who has to write there is for the program's author to say",
)
def check(added: Addition, names: LayerNames) -> Iterator[Found]:
    """Visit what the build added to the permissions of the base."""
    if added.kind == "world-writable":
        more = f" and {added.count - 1:,} more" if added.count > 1 else ""
        yield Found(
            added.place, f"every user may change {added.path!r} (mode {added.mode:o}){more}, {names.of(added.layer)}"
        )
