"""The container runs as root.

A process that breaks out of its container as root is root on the host, unless user namespaces are on.
What is root inside can also write everything inside.

```dockerfile bad
FROM python:3.12.7-slim
#    ^^^^^^^^^^^^^^^^^^
COPY app.py /app.py
CMD ["python", "/app.py"]
```

```dockerfile bad
FROM node:22.11.0-slim
USER node
COPY server.js /srv/server.js
USER root
#    ^^^^
CMD ["node", "/srv/server.js"]
```

```dockerfile good
FROM python:3.12.7-slim
RUN useradd --system --uid 10001 app
COPY app.py /app.py
USER 10001
CMD ["python", "/app.py"]
```

```dockerfile good
FROM gcr.io/distroless/static-debian12:nonroot
COPY app /app
CMD ["/app"]
```

Only the stage that becomes the image counts, with the user that the base image sets. An unknown base
image, or a USER with an unknown variable, is not judged. Images that start as root and drop their
privileges by themselves are reported with low confidence: the official database images, and where a RUN
or the entrypoint script speaks of `gosu`, `su-exec` or the like. An image without a USER that starts
nothing and takes nothing from the context is a base for others, who may set one: an information for
`--pedantic`; FROM scratch it only carries files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from dfguard.api import (
    Add,
    All,
    Base,
    BuildContext,
    Cmd,
    Confidence,
    ConfigHas,
    ContextFile,
    Copy,
    Entrypoint,
    Found,
    InputError,
    Instruction,
    Not,
    Run,
    Severity,
    Stage,
    StageFlow,
    StageGraph,
    rule,
)

ROOT = ("root", "0")
LONGEST_SCRIPT = 200_000
MOST_SCRIPTS = 10


@rule(
    "DG801",
    "final-user-root",
    presets={"kubernetes": "error"},
    peers=("DL3002", "DS-0002", "DS002", "CKV_DOCKER_3", "CKV_DOCKER_8", "CIS-DI-0001", "DF002", "DF020"),
    no_fix="which user can do what the program has to do shows only when it runs",
)
def check(
    stage: Stage, base: Base | None, flow: StageFlow, graph: StageGraph, context: BuildContext | None
) -> Iterator[Found]:
    """Visit the stage that becomes the image."""
    if not stage.target:
        return
    chain = graph.lineage(stage)
    starts = [i for i in chain if isinstance(i, (Cmd, Entrypoint))]
    named = flow.user.user if flow.user is not None else None
    if named is not None:
        if flow.user_name is None or flow.user_name.partition(":")[0] not in ROOT:
            return
        message = "the container runs as root: end with a USER that is not root"
    elif base is not None and base.known and (base.user or "").partition(":")[0] in ROOT:
        if base.family == "scratch" and not starts:
            return
        whose = "as scratch sets no user" if base.family == "scratch" else "the user of this base image"
        message = f"the container runs as root, {whose}: add a USER that is not root"
    else:
        return
    applied = named or starts or takes_context(graph)
    drops = (base is not None and base.drops_privileges) or drops_by_itself(chain, starts, context)
    yield Found(
        named or stage.from_.image,
        message,
        severity=None if applied else Severity.INFO,
        confidence=Confidence.HIGH if applied and not drops else Confidence.LOW,
        claim=root_user(),
    )


def root_user() -> Not:
    """What must be true of the image: it names no user, or one that is root."""
    others = (Not(ConfigHas("User", name)) for root in ROOT for name in (root, *(f"{root}:{group}" for group in ROOT)))
    return Not(All((ConfigHas("User"), *others)))


def takes_context(graph: StageGraph) -> bool:
    """Whether anything that the target needs comes out of the build context."""
    return any(
        isinstance(instruction, (Copy, Add))
        and any(s.kind in ("local", "glob", "variable") for s in instruction.sources)
        for stage in graph.stages
        if stage.reachable
        for instruction in stage.instructions
    )


@cache
def droppers() -> re.Pattern[str]:
    """The programs that go on as another user."""
    return re.compile(
        r"(?<![\w-])(?:gosu|su-exec|setpriv|s6-setuidgid|chpst|runuser|start-stop-daemon)(?![\w])|\bexec su "
    )


def drops_by_itself(chain: list[Instruction], starts: Sequence[Instruction], context: BuildContext | None) -> bool:
    """Whether a RUN, the entrypoint or a script of the context that it starts speaks of such a program."""
    spoken = [i for i in chain if isinstance(i, (Run, Cmd, Entrypoint))]
    if any(droppers().search(instruction.span.text) for instruction in spoken):
        return True
    words = {word.strip("\"',[]").rpartition("/")[2] for i in starts[-2:] for word in i.arguments.text.split()}
    scripts = [f for f in context.files if f.path.rpartition("/")[2] in words] if context else []
    return any(droppers().search(text_of(file, context)) for file in scripts[:MOST_SCRIPTS])


def text_of(file: ContextFile, context: BuildContext | None) -> str:
    """The beginning of a file of the context; nothing of what may not be read."""
    if context is None or file.kind != "file":
        return ""
    try:
        return context.head(file.path, LONGEST_SCRIPT).decode("utf-8", "replace")
    except InputError:
        return ""
