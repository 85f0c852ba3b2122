"""What may be at a path of an image although no instruction is known to have brought it there."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename, dirname

from dfguard.dockerfile.nodes import Add, Copy, Run
from dfguard.dockerfile.stages import Stage
from dfguard.flow.events import ANYWHERE, CONTEXT, REMOTE, STAGE, Added, Event, Filled, Opaque
from dfguard.flow.paths import UNKNOWN, plain_part
from dfguard.flow.play import Flow

_ARCHIVES = (".tar", ".gz", ".tgz", ".xz", ".txz", ".bz2", ".tbz2", ".zst")


def may_hold(flow: Flow, stage: Stage, path: str, *, runs: bool = True) -> bool:
    """Whether something that is not followed may have brought `path` into a stage; the base image does not count.

    `runs` false leaves out what RUNs may do.
    """
    scopes = (scope for event in _events(flow, stage) for scope in _scopes(event, runs))
    return any(covers(scope, path) for scope in scopes)


def covers(scope: str, path: str) -> bool:
    """Whether a path is a folder that `path` may lie in, or that path itself."""
    if scope.startswith(UNKNOWN) or scope == ANYWHERE:
        return True
    return path == scope or path.startswith(scope.rstrip("/") + "/")


def _events(flow: Flow, stage: Stage) -> Iterator[Event]:
    """What the instructions of a stage did, and those of the stages that it is FROM; folders of a context aside."""
    at: int | None = stage.index
    while at is not None:
        yield from flow.stages[at].events.single
        at = flow.stages[at].stage.parent


def _scopes(event: Event, runs: bool) -> Iterator[str]:
    if isinstance(event.instruction, Run) and not runs:
        return
    if isinstance(event, Opaque):
        yield event.scope
    elif isinstance(event, Filled):
        yield plain_part(event.path) if not event.path.startswith(UNKNOWN) else UNKNOWN
    elif isinstance(event, Added) and _is_unseen(event):
        yield _reach(event)


def _is_unseen(added: Added) -> bool:
    """Whether a file stands for what was never seen: it may be a folder, or an archive that ADD unpacks."""
    origin = added.origin
    return origin.file is None and not origin.member and origin.kind in (CONTEXT, STAGE, REMOTE)


def _reach(added: Added) -> str:
    """The folder that is filled if what was copied is a folder or an archive."""
    instruction = added.instruction
    if not isinstance(instruction, (Copy, Add)) or instruction.destination is None:
        return added.path
    unpacked = isinstance(instruction, Add) and added.origin.path.endswith(_ARCHIVES)
    named = instruction.destination.raw.strip("\"'")
    same = basename(named) == basename(added.path) and not unpacked
    return added.path if same else dirname(added.path)
