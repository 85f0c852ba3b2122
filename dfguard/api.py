"""All that a rule may import; re-exports only, each name loaded when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dfguard import reference
    from dfguard.base.table import Base as Base
    from dfguard.claim import All as All
    from dfguard.claim import ConfigHas as ConfigHas
    from dfguard.claim import HistoryShows as HistoryShows
    from dfguard.claim import InstructionId as InstructionId
    from dfguard.claim import LayerHolds as LayerHolds
    from dfguard.claim import Not as Not
    from dfguard.claim import ViewHolds as ViewHolds
    from dfguard.claim import Wasted as Wasted
    from dfguard.context.ignore import IgnorePattern as IgnorePattern
    from dfguard.context.invocation import Invocation as Invocation
    from dfguard.context.tree import BuildContext as BuildContext
    from dfguard.context.tree import ContextFile as ContextFile
    from dfguard.dockerfile.nodes import Add as Add
    from dfguard.dockerfile.nodes import Arg as Arg
    from dfguard.dockerfile.nodes import Cmd as Cmd
    from dfguard.dockerfile.nodes import Copy as Copy
    from dfguard.dockerfile.nodes import CopySource as CopySource
    from dfguard.dockerfile.nodes import Dockerfile as Dockerfile
    from dfguard.dockerfile.nodes import Entrypoint as Entrypoint
    from dfguard.dockerfile.nodes import Env as Env
    from dfguard.dockerfile.nodes import From as From
    from dfguard.dockerfile.nodes import Healthcheck as Healthcheck
    from dfguard.dockerfile.nodes import Instruction as Instruction
    from dfguard.dockerfile.nodes import Run as Run
    from dfguard.dockerfile.nodes import User as User
    from dfguard.dockerfile.nodes import Workdir as Workdir
    from dfguard.dockerfile.stages import Scope as Scope
    from dfguard.dockerfile.stages import Stage as Stage
    from dfguard.dockerfile.stages import StageGraph as StageGraph
    from dfguard.dockerfile.stages import StageReference as StageReference
    from dfguard.edit import Edit as Edit
    from dfguard.edit import Fix as Fix
    from dfguard.edit import Gone as Gone
    from dfguard.edit import HasSpan as HasSpan
    from dfguard.finding import Confidence as Confidence
    from dfguard.finding import Found as Found
    from dfguard.finding import Severity as Severity
    from dfguard.flow.events import Added as Added
    from dfguard.flow.events import Removal as Removal
    from dfguard.flow.filesystem import StageFlow as StageFlow
    from dfguard.flow.paths import unpacks as unpacks
    from dfguard.flow.play import Flow as Flow
    from dfguard.flow.secret_files import SecretArrival as SecretArrival
    from dfguard.flow.secret_files import SecretCopy as SecretCopy
    from dfguard.flow.secret_files import SecretFinder as SecretFinder
    from dfguard.flow.stage_commands import StageCommands as StageCommands
    from dfguard.reference import Reference as Reference
    from dfguard.rule import Options as Options
    from dfguard.rule import rule as rule
    from dfguard.shell.commands import Command as Command
    from dfguard.shell.packages import Install as Install
    from dfguard.shell.packages import Package as Package
    from dfguard.shell.packages import PackageCommand as PackageCommand
    from dfguard.shell.script import Script as Script

    parse_reference = reference.parse

_HOMES = {
    "base.table": "Base",
    "claim": "All ConfigHas HistoryShows InstructionId LayerHolds Not ViewHolds Wasted",
    "context.ignore": "IgnorePattern",
    "context.invocation": "Invocation",
    "context.tree": "BuildContext ContextFile",
    "dockerfile.nodes": "Add Arg Cmd Copy CopySource Dockerfile Entrypoint Env From Healthcheck Instruction Run User "
    "Workdir",
    "dockerfile.stages": "Scope Stage StageGraph StageReference",
    "edit": "Edit Fix Gone HasSpan",
    "finding": "Confidence Found Severity",
    "flow.events": "Added Removal",
    "flow.filesystem": "StageFlow",
    "flow.paths": "unpacks",
    "flow.play": "Flow",
    "flow.secret_files": "SecretArrival SecretCopy SecretFinder",
    "flow.stage_commands": "StageCommands",
    "reference": "Reference parse_reference",
    "rule": "Options rule",
    "shell.commands": "Command",
    "shell.packages": "Install Package PackageCommand",
    "shell.script": "Script",
}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}
_RENAMED = {"parse_reference": "parse"}


if not TYPE_CHECKING:  # a type checker must miss what is not listed above

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"dfguard.api has no {name!r}")
        from importlib import import_module

        value = getattr(import_module(f"dfguard.{_HOME[name]}"), _RENAMED.get(name, name))
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(_HOME)
