"""Installs of what a manifest lists, and how the manifest and its lock file came to where they are read."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence

from dfguard.context.tree import BuildContext, ContextFile
from dfguard.dockerfile.nodes import Instruction, Run
from dfguard.dockerfile.stages import Stage
from dfguard.flow.copied import Bulk, Copied
from dfguard.flow.events import CONTEXT, NAMED, Added
from dfguard.flow.play import Flow
from dfguard.shell.packages import PackageCommand
from dfguard.struct import Struct
from dfguard.toolchains.manifests import BY_MANAGER, Manifest

COPIED, LEFT, IGNORED, ABSENT = "copied", "left", "ignored", "absent"
_NO_LOCK = ("--no-package-lock", "--no-lockfile", "--no-lock", "--no-shrinkwrap", "--skip-lock")
_NPM_LIKE = ("install", "i", "ci", "clean-install", "add", "sync", "download")


class LockFile(Struct):
    """A lock file beside a manifest.

    `state` is `copied` (the install sees it), `left` (it is in the context, and no line copies it before), `ignored`
    (the ignore file drops it) or `absent`. `file` is it in the context, `path` its path there.
    """

    path: str
    state: str
    file: ContextFile | None = None


class DependencyInstall(Struct):
    """A call of a package manager that installs what `manifest`, a file of `context`, lists.

    `context` is the build context or a named one. `added` is the manifest in the stage; `beside` counts the other files
    of the context that the same instruction brought, lock files left out. `first`: no call before it installs with the
    same manager.
    """

    command: PackageCommand
    instruction: Run
    stage: Stage
    kind: Manifest
    manifest: ContextFile
    added: Added
    lock: LockFile
    beside: int
    first: bool
    context: BuildContext

    @property
    def wants_no_lock(self) -> bool:
        """Whether the call itself says that it reads no lock file."""
        return self.command.has(*_NO_LOCK)


def dependency_installs(
    flow: Flow,
    context: BuildContext | None,
    commands: Iterable[tuple[PackageCommand, Instruction | None, Stage | None]],
) -> Iterator[DependencyInstall]:
    """All such installs of a build, from its context and its named ones.

    Where several folders hold a manifest, only the working directory's is taken.
    """
    seen: set[tuple[int, str]] = set()
    for command, run, stage in commands:
        kind = BY_MANAGER.get(command.manager)
        if kind is None or stage is None or not isinstance(run, Run) or not _from_manifest(command):
            continue
        first = (stage.index, kind.manager) not in seen
        seen.add((stage.index, kind.manager))
        played = flow.stages[stage.index]
        files = files_before(flow, stage, run, (*kind.files, *kind.locks))
        added = _manifest(files, kind, played.workdir)
        if added is not None and added.origin.file is not None:
            held = added.origin.named.context if added.origin.named is not None else context
            if held is not None:
                file, lock = added.origin.file, _lock(files, kind, added, held)
                beside = companions(flow, added, (*kind.files, *kind.locks))
                yield DependencyInstall(command, run, stage, kind, file, added, lock, beside, first, held)


def _from_manifest(command: PackageCommand) -> bool:
    """Whether a call installs what a file lists, and nothing that is named."""
    if command.packages:
        return False
    if command.manager == "go":
        return command.verb.text == "mod" and any(o.value == "download" for o in command.command.operands)
    return command.action == "install" or command.verb.text in _NPM_LIKE


def files_before(flow: Flow, stage: Stage, run: Run, names: tuple[str, ...]) -> dict[str, Added]:
    """The files of these names that a RUN sees, by path; those of the stages that its own is FROM included."""
    chain = [stage]
    while (parent := chain[-1].parent) is not None:
        chain.append(flow.stages[parent].stage)
    found: dict[str, Added] = {}
    for each in reversed(chain):
        for part in flow.stages[each.index].added.parts:
            if each.index == stage.index and part.instruction.index >= run.index:
                continue
            if isinstance(part, Bulk):
                found |= {added.path: added for added in part.with_names(names)}
            elif posixpath.basename(part.path) in names:
                found[part.path] = part
    return found


def _manifest(files: dict[str, Added], kind: Manifest, workdir: str) -> Added | None:
    found = [
        added
        for path, added in files.items()
        if posixpath.basename(path) in kind.files and added.origin.kind in (CONTEXT, NAMED) and added.certain
    ]
    if len(found) == 1:
        return found[0]
    here = [added for added in found if posixpath.dirname(added.path) == workdir.rstrip("/")]
    return here[0] if len(here) == 1 else None


def _lock(files: dict[str, Added], kind: Manifest, added: Added, context: BuildContext) -> LockFile:
    assert added.origin.file is not None
    folder, source = posixpath.dirname(added.path), posixpath.dirname(added.origin.file.path)
    paths = [posixpath.join(source, name) for name in kind.locks]
    for name in kind.locks:
        copied = files.get(f"{folder}/{name}")
        if copied is not None:
            return LockFile(copied.origin.path, COPIED, copied.origin.file)
    for path in paths:
        kept = context.get(path)
        if kept is not None and kept.kind == "file":
            return LockFile(path, LEFT if kept.kept else IGNORED, kept)
    dropped = next((entry for entry in context.dropped if entry.path in paths), None)
    return LockFile(dropped.path, IGNORED, dropped) if dropped else LockFile(paths[0], ABSENT)


def companions(flow: Flow, added: Added, names: Sequence[str]) -> int:
    """How many other files of the context came with one, those of some `names` left out."""
    parts = flow.stages[added.stage].added.parts if added.stage < len(flow.stages) else ()
    total = 0
    for part in parts:
        if part.instruction is not added.instruction:
            continue
        if isinstance(part, Copied):
            total += len(part) - len(part.with_names(names))
            continue
        for each in (part,) if isinstance(part, Added) else part:
            total += each.origin.kind in (CONTEXT, NAMED) and posixpath.basename(each.path) not in names
    return total
