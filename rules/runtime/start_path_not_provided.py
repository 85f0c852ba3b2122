"""The container starts a path that no instruction brings into the image.

A file left out of `COPY`, a name that was changed, a folder that is another one than meant: the container ends at once
with `no such file or directory`.

```context
src/start.sh [755] = #!/bin/sh
src/stop.sh [755] = #!/bin/sh
```

```dockerfile bad
FROM alpine:3.20
WORKDIR /app
COPY src/ ./
CMD ["./run.sh"]
#     ^^^^^^^^
```

```dockerfile bad
FROM scratch
COPY src/start.sh /app
CMD ["app"]
#     ^^^
```

```dockerfile good
FROM alpine:3.20
WORKDIR /app
COPY src/ ./
CMD ["./start.sh"]
```

```dockerfile good
FROM scratch
COPY src/start.sh /app
CMD ["/app"]
```

Quiet where the base image, a package, a volume or a command that is not understood may have brought it. In folders of
a base image only what is copied is known: a path there is judged in a folder that the Dockerfile makes itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from posixpath import dirname, join

from dfguard.api import (
    Added,
    Base,
    BuildContext,
    Confidence,
    Flow,
    Found,
    GitFolder,
    HasSpan,
    Invocation,
    Not,
    StageFlow,
    StartProgram,
    ViewHolds,
    may_hold,
    nearest,
    rule,
)

# Folders that base images fill; what lies elsewhere comes from the Dockerfile.
OF_THE_BASE = frozenset(
    "bin boot dev etc home lib lib64 lib32 media mnt opt proc root run sbin srv sys tmp usr var go busybox nix".split()
)


@rule(
    "DG747",
    "start-path-not-provided",
    severity="error",
    no_fix="which file was to be started, or which line to bring it, is for the author to say",
)
def check(
    start: StartProgram,
    flow: Flow,
    base: Base,
    context: BuildContext,
    git: GitFolder | None,
    invocation: Invocation,
) -> Iterator[Found]:
    """Visit the programs that containers start with."""
    played = flow.stages[start.stage.index]
    if start.added is not None or start.passed or not start.stage.reachable or not played.view:
        return
    if base.family == "scratch" and "/" not in start.word and not start.reader:
        yield from not_searched(start, flow, played)
    elif start.path.startswith("/") and is_unknown_there(start, flow, base, played):
        inferred = invocation.source.startswith(INFERRED) and invocation.source != INFERRED + FOLDER
        yield from not_there(start, played, git, unsure=inferred or not context.complete)


def not_searched(start: StartProgram, flow: Flow, played: StageFlow) -> Iterator[Found]:
    """A name without a folder, which is looked for in the folders of PATH alone."""
    at = f"/{start.word}"
    if at in played.view and not any(may_hold(flow, start.stage, f"{folder}/{start.word}") for folder in SEARCHED):
        yield Found(
            start.span,
            f"{start.word} is looked for in the folders of PATH, and it lies in none of them: write {at}",
            related=((played.view[at].entry, "brought by this"),),
            claim=ViewHolds(at) if start.stage.ships else None,
        )


SEARCHED = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin")


def is_unknown_there(start: StartProgram, flow: Flow, base: Base, played: StageFlow) -> bool:
    """Whether nothing can be at the path: not from the base, a volume or what is not followed."""
    path = start.path
    if played.tree.is_folder(path) or played.tree.link_of(path) is not None or may_hold(flow, start.stage, path):
        return False
    if any(path == volume or path.startswith(volume.rstrip("/") + "/") for volume in played.volumes):
        return False
    if base.family == "scratch":
        return True
    top, folder = path.split("/")[1], dirname(path)
    if not base.known or top in OF_THE_BASE or folder == "/" or (base.workdir or "/") == folder:
        return False
    return any(dirname(file) == folder and a.origin.kind == "context" for file, a in played.view.items())


INFERRED, FOLDER = "inferred: ", "the Dockerfile's folder"  # another context than that is a guess


def not_there(start: StartProgram, played: StageFlow, git: GitFolder | None, *, unsure: bool) -> Iterator[Found]:
    """Tell it, with what may have been meant."""
    folder = dirname(start.path)
    beside = {file.rpartition("/")[2]: added for file, added in played.view.items() if dirname(file) == folder}
    near = nearest(start.path.rpartition("/")[2], beside)
    related: tuple[tuple[HasSpan, str], ...] = ((beside[near].entry, f"brings {near}"),) if near else ()
    hint = f"; did you mean {near}?" if near else ""
    yield Found(
        start.span,
        f"no instruction brings {start.path} into the image{hint}",
        related=related,
        confidence=Confidence.LOW if unsure or is_built_first(start, beside.values(), git) else Confidence.HIGH,
        claim=Not(ViewHolds(start.path)) if start.stage.ships else None,
    )


def is_built_first(start: StartProgram, beside: Iterable[Added], git: GitFolder | None) -> bool:
    """Whether git ignores the file in the context: then something makes it before the build."""
    name = start.path.rpartition("/")[2]
    folders = {dirname(added.origin.path) for added in beside if added.origin.kind == "context"}
    return git is not None and any(git.ignores(join(folder, name)) for folder in folders)
