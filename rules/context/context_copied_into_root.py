"""The whole build context is laid over the root of the image's file system.

Files of the project then lie beside those of the system, and folders of both that are called alike (`bin`, `lib`,
`etc`) are merged: a script of the project's `bin` becomes a program of the system, and one of the same name is
overwritten. Where the destination is `.`, a WORKDIR is missing.

```context
package.json = {}
server.js = console.log(1)
lib/db.js = 1
```

```dockerfile bad
FROM node:22.11.0-slim
COPY . /
#    ^
CMD ["node", "server.js"]
```

```dockerfile good
FROM node:22.11.0-slim
WORKDIR /app
COPY . .
CMD ["node", "server.js"]
```

A warning where a folder of the context is merged with one of the system, an information elsewhere. Quiet for
`FROM scratch`, which has no system, for a context that is the tree of a system itself (`etc/`, `usr/` and the
like, and nothing else but a README or Dockerfile), in stages that do not ship, and where the working folder of
the base image is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Add, Base, Copy, Found, Severity, StageFlow, Taking, regex, rule

SYSTEM = frozenset("bin boot dev etc home lib lib64 media mnt opt proc root run sbin srv sys tmp usr var".split())
BESIDE = regex(r"(?i)\.|.*(?:dockerfile|containerfile)|.*\.(?:md|ya?ml)\Z|licen[cs]e|readme|makefile")
SHOWN = 3


@rule(
    "DG245",
    "context-copied-into-root",
    no_fix="a folder of its own needs a name, and all that starts the program has to know it",
)
def check(taking: Taking, flow: StageFlow, base: Base | None) -> Iterator[Found]:
    """Visit the lines that take the root of the context."""
    if not isinstance(taking.instruction, (Copy, Add)) or not taking.stage.ships:
        return
    if base is not None and base.family == "scratch":
        return
    if not any(selected.entry is None for selected in taking.selected) or not lands_in_root(taking, flow):
        return
    files = [file.path for file in taking.files if file.kind != "dir"]
    folders = {path.partition("/")[0] for path in files if "/" in path}
    merged = sorted(folders & SYSTEM)
    if merged and folders <= SYSTEM and all("/" in path or BESIDE.match(path) for path in files):
        return
    number = f"{len(files)} files" if len(files) != 1 else "1 file"
    destination = taking.instruction.destination
    relative = destination is not None and not destination.raw.strip("\"'").startswith("/")
    advice = "set a WORKDIR first" if relative else "give them a folder of their own"
    shown = ", ".join(f"/{name}" for name in merged[:SHOWN])
    yield Found(
        taking.place,
        f"lays the whole build context ({number}) into `/`"
        + (f", and merges folders with {shown} of the system" if merged else ", among the folders of the system")
        + f": {advice}",
        severity=None if merged else Severity.INFO,
    )


def lands_in_root(taking: Taking, flow: StageFlow) -> bool:
    """Whether a file of the context arrives with the same path in the image."""
    for event in flow.added.at(taking.place):
        if event.origin.file is not None:
            return event.path == f"/{event.origin.file.path}"
    return False
