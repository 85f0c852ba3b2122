"""Files of requirements that pip is given, found in the build context."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from dfguard.context.tree import BuildContext, ContextFile
from dfguard.dockerfile.nodes import Instruction, Run
from dfguard.dockerfile.stages import Stage
from dfguard.flow.dependency_installs import companions, files_before
from dfguard.flow.events import CONTEXT, NAMED, Added
from dfguard.flow.play import Flow
from dfguard.shell.commands import Argument
from dfguard.shell.packages import PackageCommand
from dfguard.struct import Struct


class RequirementFile(Struct):
    """A file that `pip install -r` reads: `argument` names it, `file` is it in `context` (a named one, too).

    `added` is it in the stage, None where it is mounted; `beside` counts the other files that came with it.
    """

    command: PackageCommand
    instruction: Run
    stage: Stage
    argument: Argument
    file: ContextFile
    context: BuildContext
    added: Added | None = None
    beside: int = 0


def requirement_files(
    flow: Flow,
    context: BuildContext | None,
    commands: Iterable[tuple[PackageCommand, Instruction | None, Stage | None]],
) -> Iterator[RequirementFile]:
    """All of a build that are surely files of the context, or of a named one."""
    for command, run, stage in commands:
        if (
            command.manager not in ("pip", "uv")
            or command.action != "install"
            or not isinstance(run, Run)
            or stage is None
        ):
            continue
        for argument in command.values("-r", "--requirement"):
            found = _found(flow, stage, run, argument, context)
            if found is not None:
                file, held, added = found
                beside = companions(flow, added, (file.name,)) if added is not None else 0
                yield RequirementFile(command, run, stage, argument, file, held, added, beside)


def _found(
    flow: Flow, stage: Stage, run: Run, argument: Argument, context: BuildContext | None
) -> tuple[ContextFile, BuildContext, Added | None] | None:
    value = argument.value
    if not value or argument.glob or "://" in value:
        return None
    name = posixpath.basename(value)
    ending = "/" + posixpath.normpath(value).removeprefix("../").lstrip("/")
    there = {path: added for path, added in files_before(flow, stage, run, (name,)).items() if path.endswith(ending)}
    if len(there) == 1:
        (added,) = there.values()
        held = added.origin.named.context if added.origin.named is not None else context
        file = added.origin.file if added.origin.kind in (CONTEXT, NAMED) and added.certain else None
        return (file, held, added) if file is not None and held is not None else None
    for mount in run.mounts if not there else ():
        source = mount.source
        if mount.type == "bind" and mount.from_ is None and source and posixpath.basename(source) == name:
            file = context.get(posixpath.normpath(source)) if context is not None else None
            return (file, context, None) if file is not None and context is not None else None
    return None
