"""A cache mount under a user who can't write into it: the builder creates it for root, with mode 0755.

Where USER is not root, the cache stays empty or the command fails. Give the mount the user's numbers (`uid=`,
`gid=`), or
a `mode` that lets others write.

```dockerfile bad
FROM python:3.12.7-slim
RUN useradd --uid 1000 app
USER app
RUN --mount=type=cache,target=/home/app/.cache/pip pip install --user flask==3.1.0
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile bad
FROM python:3.12.7-slim
USER 1000:1000
RUN --mount=type=cache,target=/tmp/pip pip install --cache-dir /tmp/pip flask==3.1.0
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile fixed
FROM python:3.12.7-slim
USER 1000:1000
RUN --mount=type=cache,target=/tmp/pip,uid=1000 pip install --cache-dir /tmp/pip flask==3.1.0
#   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
```

```dockerfile good
FROM python:3.12.7-slim
RUN --mount=type=cache,target=/root/.cache/pip pip install flask==3.1.0
USER 1000
RUN --mount=type=cache,target=/home/app/.cache/pip,uid=1000,gid=1000 pip install --user flask==3.1.0
RUN --mount=type=cache,target=/tmp/pip,mode=0777 pip install --cache-dir /tmp/pip flask==3.1.0
RUN --mount=type=cache,target=/root/.cache/pip,readonly ls /root/.cache/pip
```

Quiet where the user is not known, and for mounts that start with the content of a stage (`from=`), which keep its
owners.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Base, Confidence, Edit, Fix, Found, Run, Stage, StageGraph, rule, user_at

ROOT = ("root", "0")
OTHERS_WRITE = 0o002


@rule("DG509", "cache-mount-not-writable")
def check(run: Run, stage: Stage, graph: StageGraph, base: Base | None) -> Iterator[Found]:
    """Visit the RUNs."""
    mounts = [mount for mount in run.mounts if mount.type == "cache" and mount.from_ is None]
    if not mounts:
        return
    user = user_at(run, stage, graph, base)
    name = (user or "root").partition(":")[0]
    if name in ROOT or name.lower() == "containeradministrator":
        return
    for mount in mounts:
        readonly = mount.option("readonly", "ro") in ("true", "1", "")
        if readonly or mount.option("uid") not in (None, "0") or others_write(mount.option("mode")):
            continue
        numbers = name.isdigit()
        cure = f",uid={name}" if numbers else ""
        yield Found(
            mount.flag,
            f"the builder creates this cache for root with mode 0755, and {name} can't write into it: "
            f"add uid={name if numbers else '(the number of ' + name + ')'} or a mode",
            confidence=Confidence.HIGH if numbers else Confidence.MEDIUM,
            fixes=(Fix.unsafe(f"add uid={name}", Edit.after(mount.flag, cure)),) if numbers else (),
        )


def others_write(mode: str | None) -> bool:
    """Whether a mode lets everybody write; one that can't be read is left alone."""
    try:
        return mode is not None and bool(int(mode, 8) & OTHERS_WRITE)
    except ValueError:
        return True
