"""Dockerfiles played over contexts on disk, for the tests of this folder and of tests/engine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dfguard.context.ignore import parse_ignore
from dfguard.context.invocation import BuildArg, Invocation
from dfguard.context.tree import BuildContext, read_context
from dfguard.dockerfile.parse import parse
from dfguard.flow.events import Added, Opaque, Removed
from dfguard.flow.filesystem import StageFlow
from dfguard.flow.play import Flow
from dfguard.flow.secret_files import SecretCopy
from dfguard.source import Source
from dfguard.unit import Unit

Files = Mapping[str, "str | bytes | None"]
"""What a context holds by path: text or bytes; `name -> target` is a link, a path with a final slash a folder."""


def lay_out(root: Path, files: Files) -> None:
    """Write files below a folder."""
    for name, content in files.items():
        link, arrow, target = name.partition(" -> ")
        path = root / link
        path.parent.mkdir(parents=True, exist_ok=True)
        if arrow:
            os.symlink(target, path)
        elif name.endswith("/"):
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(content if isinstance(content, bytes) else (content or "").encode())


def context_of(root: Path, files: Files) -> BuildContext:
    """A context on disk; a file `.dockerignore` counts as one."""
    lay_out(root, files)
    text = files.get(".dockerignore")
    return read_context(str(root), parse_ignore(Source(".dockerignore", text)) if isinstance(text, str) else None)


def unit_of(text: str, context: BuildContext | None = None, *, target: str | None = None, **args: str) -> Unit:
    """A Dockerfile in a build; `args` are build arguments."""
    root = context.root if context else None
    invocation = Invocation("default", "Dockerfile", root, target, tuple(BuildArg(*pair) for pair in args.items()))
    return Unit(parse(Source("Dockerfile", text)), invocation, lambda _: context)


def play(text: str, context: BuildContext | None = None, *, target: str | None = None, **args: str) -> Flow:
    """All stages of a Dockerfile, played."""
    return unit_of(text, context, target=target, **args).flow


def last(text: str, context: BuildContext | None = None, **args: str) -> StageFlow:
    """The last stage of a Dockerfile, played."""
    return play(text, context, **args).stages[-1]


def paths(flow: StageFlow) -> list[str]:
    """What is in the view at the end of a stage, sorted."""
    return sorted(flow.view)


def added(flow: StageFlow) -> list[Added]:
    """What the stage wrote, in order."""
    return [event for event in flow.events if isinstance(event, Added)]


def removed(flow: StageFlow) -> list[Removed]:
    """What the stage removed, in order."""
    return [event for event in flow.events if isinstance(event, Removed)]


def reasons(flow: StageFlow) -> list[str]:
    """Why the stage is not wholly understood."""
    return [event.reason for event in flow.events if isinstance(event, Opaque)]


def removals(flow: StageFlow) -> list[tuple[str, int, str, int]]:
    """(path, line of the layer that holds it, word that hides it, line of that), in order."""
    return [
        (r.added.path, r.added.instruction.start_line, r.removed.place.text, r.removed.instruction.start_line)
        for r in flow.removals
    ]


def secrets(text: str, context: BuildContext | None = None) -> tuple[SecretCopy, ...]:
    """The secrets that reach the image."""
    return unit_of(text, context).secret_copies
