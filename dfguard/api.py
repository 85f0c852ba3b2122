"""All that a rule may import; re-exports only, each name loaded when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dfguard import reference
    from dfguard.amounts import amount as amount
    from dfguard.base import table
    from dfguard.base.table import Base as Base
    from dfguard.claim import All as All
    from dfguard.claim import ConfigHas as ConfigHas
    from dfguard.claim import HistoryShows as HistoryShows
    from dfguard.claim import HistoryShowsSecret as HistoryShowsSecret
    from dfguard.claim import InstructionId as InstructionId
    from dfguard.claim import LayerHolds as LayerHolds
    from dfguard.claim import LayerHoldsPythonSecret as LayerHoldsPythonSecret
    from dfguard.claim import Not as Not
    from dfguard.claim import Some as Some
    from dfguard.claim import ViewHolds as ViewHolds
    from dfguard.claim import Wasted as Wasted
    from dfguard.context.effects import IgnoreEffects as IgnoreEffects
    from dfguard.context.effects import LineEffect as LineEffect
    from dfguard.context.effects import fixed_part as fixed_part
    from dfguard.context.gitfolder import GitFolder as GitFolder
    from dfguard.context.gitfolder import GitLine as GitLine
    from dfguard.context.glob import has_wildcard as has_wildcard
    from dfguard.context.ignore import IgnoreFile as IgnoreFile
    from dfguard.context.ignore import IgnorePattern as IgnorePattern
    from dfguard.context.invocation import BuildArg as BuildArg
    from dfguard.context.invocation import Invocation as Invocation
    from dfguard.context.pattern import compile_pattern as compile_pattern
    from dfguard.context.tree import BuildContext as BuildContext
    from dfguard.context.tree import ContextFile as ContextFile
    from dfguard.dockerfile import jsonrepair
    from dfguard.dockerfile.features import Feature as Feature
    from dfguard.dockerfile.features import FeatureUse as FeatureUse
    from dfguard.dockerfile.features import Frontend as Frontend
    from dfguard.dockerfile.features import feature_uses as feature_uses
    from dfguard.dockerfile.nodes import Add as Add
    from dfguard.dockerfile.nodes import Arg as Arg
    from dfguard.dockerfile.nodes import Cmd as Cmd
    from dfguard.dockerfile.nodes import Comment as Comment
    from dfguard.dockerfile.nodes import Copy as Copy
    from dfguard.dockerfile.nodes import CopySource as CopySource
    from dfguard.dockerfile.nodes import Directive as Directive
    from dfguard.dockerfile.nodes import Dockerfile as Dockerfile
    from dfguard.dockerfile.nodes import Entrypoint as Entrypoint
    from dfguard.dockerfile.nodes import Env as Env
    from dfguard.dockerfile.nodes import Expose as Expose
    from dfguard.dockerfile.nodes import From as From
    from dfguard.dockerfile.nodes import Healthcheck as Healthcheck
    from dfguard.dockerfile.nodes import Instruction as Instruction
    from dfguard.dockerfile.nodes import KeyValue as KeyValue
    from dfguard.dockerfile.nodes import Label as Label
    from dfguard.dockerfile.nodes import Maintainer as Maintainer
    from dfguard.dockerfile.nodes import Mount as Mount
    from dfguard.dockerfile.nodes import Onbuild as Onbuild
    from dfguard.dockerfile.nodes import Problem as Problem
    from dfguard.dockerfile.nodes import Run as Run
    from dfguard.dockerfile.nodes import Shell as Shell
    from dfguard.dockerfile.nodes import User as User
    from dfguard.dockerfile.nodes import Volume as Volume
    from dfguard.dockerfile.nodes import Word as Word
    from dfguard.dockerfile.nodes import Workdir as Workdir
    from dfguard.dockerfile.ports import port_fault as port_fault
    from dfguard.dockerfile.scopes import is_builder_arg as is_builder_arg
    from dfguard.dockerfile.spelling import nearest as nearest
    from dfguard.dockerfile.stages import Scope as Scope
    from dfguard.dockerfile.stages import Stage as Stage
    from dfguard.dockerfile.stages import StageGraph as StageGraph
    from dfguard.dockerfile.stages import StageReference as StageReference
    from dfguard.dockerfile.uses import VariableUse as VariableUse
    from dfguard.dockerfile.uses import variable_uses as variable_uses
    from dfguard.edit import Configured as Configured
    from dfguard.edit import Edit as Edit
    from dfguard.edit import Fix as Fix
    from dfguard.edit import Gone as Gone
    from dfguard.edit import HasSpan as HasSpan
    from dfguard.edit import Refusal as Refusal
    from dfguard.errors import InputError as InputError
    from dfguard.finding import Confidence as Confidence
    from dfguard.finding import Found as Found
    from dfguard.finding import Severity as Severity
    from dfguard.flow import paths
    from dfguard.flow.absent import Absent as Absent
    from dfguard.flow.dependency_installs import DependencyInstall as DependencyInstall
    from dfguard.flow.events import Added as Added
    from dfguard.flow.events import AddedFolder as AddedFolder
    from dfguard.flow.events import Attributes as Attributes
    from dfguard.flow.events import Changed as Changed
    from dfguard.flow.events import Filled as Filled
    from dfguard.flow.events import Opaque as Opaque
    from dfguard.flow.events import Origin as Origin
    from dfguard.flow.events import Removal as Removal
    from dfguard.flow.events import Removed as Removed
    from dfguard.flow.filesystem import StageFlow as StageFlow
    from dfguard.flow.losses import Loss as Loss
    from dfguard.flow.paths import unpacks as unpacks
    from dfguard.flow.play import Flow as Flow
    from dfguard.flow.requirement_files import RequirementFile as RequirementFile
    from dfguard.flow.secret_files import SecretArrival as SecretArrival
    from dfguard.flow.secret_files import SecretCopy as SecretCopy
    from dfguard.flow.secret_files import SecretFinder as SecretFinder
    from dfguard.flow.secret_values import SecretValue as SecretValue
    from dfguard.flow.stage_commands import StageCommands as StageCommands
    from dfguard.flow.start_programs import StartProgram as StartProgram
    from dfguard.flow.takes import IgnoreUse as IgnoreUse
    from dfguard.flow.takes import Taken as Taken
    from dfguard.flow.takings import Taking as Taking
    from dfguard.flow.takings import would_take as would_take
    from dfguard.flow.unfollowed import may_hold as may_hold
    from dfguard.flow.values import Sink as Sink
    from dfguard.flow.values import ValueFlow as ValueFlow
    from dfguard.image.additions import Addition as Addition
    from dfguard.image.created_by import LayerNames as LayerNames
    from dfguard.image.leftovers import Leftover as Leftover
    from dfguard.image.model import Image as Image
    from dfguard.image.runtime import RuntimeFault as RuntimeFault
    from dfguard.image.secrets import ImageSecret as ImageSecret
    from dfguard.python_sources.files import HeredocSecret as HeredocSecret
    from dfguard.python_sources.files import PythonSecret as PythonSecret
    from dfguard.python_sources.files import from_environment as from_environment
    from dfguard.reference import Reference as Reference
    from dfguard.regex import regex as regex
    from dfguard.restructure.cache_mounts import cache_mounted as cache_mounted
    from dfguard.restructure.cached_calls import mounts as mounts
    from dfguard.restructure.cached_calls import uncached as uncached
    from dfguard.restructure.joining import joined as joined
    from dfguard.restructure.manifest_first import manifest_first as manifest_first
    from dfguard.restructure.multistage.choose import built_apart as built_apart
    from dfguard.restructure.secret_arguments import mounted_argument as mounted_argument
    from dfguard.restructure.secret_mounts import mounted_file as mounted_file
    from dfguard.restructure.surroundings import Surroundings as Surroundings
    from dfguard.restructure.users import user_at as user_at
    from dfguard.rewrite import drop as drop
    from dfguard.rule import Options as Options
    from dfguard.rule import rule as rule
    from dfguard.secrets import names
    from dfguard.secrets.values import credential_name as credential_name
    from dfguard.shell.commands import Command as Command
    from dfguard.shell.downloads import RunDownload as RunDownload
    from dfguard.shell.downloads import address_of as address_of
    from dfguard.shell.downloads import run_downloads as run_downloads
    from dfguard.shell.execform import ShellSyntax as ShellSyntax
    from dfguard.shell.execform import shell_syntax as shell_syntax
    from dfguard.shell.leftovers import LostState as LostState
    from dfguard.shell.leftovers import lost_state as lost_state
    from dfguard.shell.packages import Install as Install
    from dfguard.shell.packages import Option as Option
    from dfguard.shell.packages import Package as Package
    from dfguard.shell.packages import PackageCommand as PackageCommand
    from dfguard.shell.pipelines import Pipeline as Pipeline
    from dfguard.shell.pipelines import pipelines as pipelines
    from dfguard.shell.pipelines import status_counts as status_counts
    from dfguard.shell.script import Script as Script
    from dfguard.shell.script import StartScript as StartScript
    from dfguard.shell.state import ShellState as ShellState
    from dfguard.shell.variables import ScriptVariable as ScriptVariable
    from dfguard.shell.variables import assigned_names as assigned_names
    from dfguard.shell.variables import script_variables as script_variables
    from dfguard.source import ImagePlace as ImagePlace
    from dfguard.source import Span as Span
    from dfguard.suppression import Suppression as Suppression
    from dfguard.suppression import UnusedWord as UnusedWord

    classify_name = names.classify
    join_path = paths.join
    lookup_base = table.lookup
    parse_reference = reference.parse
    repair_json_form = jsonrepair.repair

_HOMES = {
    "base.table": "Base lookup_base",
    "claim": (
        "All ConfigHas HistoryShows HistoryShowsSecret InstructionId LayerHolds LayerHoldsPythonSecret Not Some"
        " ViewHolds Wasted"
    ),
    "context.gitfolder": "GitFolder GitLine",
    "amounts": "amount",
    "context.glob": "has_wildcard",
    "context.effects": "IgnoreEffects LineEffect fixed_part",
    "context.ignore": "IgnoreFile IgnorePattern",
    "context.invocation": "BuildArg Invocation",
    "context.pattern": "compile_pattern",
    "context.tree": "BuildContext ContextFile",
    "dockerfile.features": "Feature FeatureUse Frontend feature_uses",
    "dockerfile.jsonrepair": "repair_json_form",
    "dockerfile.nodes": "Add Arg Cmd Comment Copy CopySource Directive Dockerfile Entrypoint Env Expose From "
    "Healthcheck Instruction KeyValue Label Maintainer Mount Onbuild Problem Run Shell User Volume Word Workdir",
    "dockerfile.ports": "port_fault",
    "dockerfile.scopes": "is_builder_arg",
    "dockerfile.spelling": "nearest",
    "dockerfile.stages": "Scope Stage StageGraph StageReference",
    "dockerfile.uses": "VariableUse variable_uses",
    "edit": "Configured Edit Fix Gone HasSpan Refusal",
    "errors": "InputError",
    "finding": "Confidence Found Severity",
    "flow.absent": "Absent",
    "flow.events": "Added AddedFolder Attributes Changed Filled Opaque Origin Removal Removed",
    "flow.filesystem": "StageFlow",
    "flow.losses": "Loss",
    "flow.paths": "join_path unpacks",
    "flow.play": "Flow",
    "flow.secret_files": "SecretArrival SecretCopy SecretFinder",
    "flow.secret_values": "SecretValue",
    "flow.stage_commands": "StageCommands",
    "flow.dependency_installs": "DependencyInstall",
    "flow.start_programs": "StartProgram",
    "flow.unfollowed": "may_hold",
    "flow.takes": "IgnoreUse Taken",
    "flow.requirement_files": "RequirementFile",
    "image.secrets": "ImageSecret",
    "image.additions": "Addition",
    "image.created_by": "LayerNames",
    "image.leftovers": "Leftover",
    "image.model": "Image",
    "image.runtime": "RuntimeFault",
    "flow.takings": "Taking would_take",
    "flow.values": "Sink ValueFlow",
    "python_sources.files": "HeredocSecret PythonSecret from_environment",
    "reference": "Reference parse_reference",
    "regex": "regex",
    "restructure.joining": "joined",
    "restructure.cache_mounts": "cache_mounted",
    "restructure.cached_calls": "mounts uncached",
    "restructure.manifest_first": "manifest_first",
    "restructure.multistage.choose": "built_apart",
    "restructure.secret_arguments": "mounted_argument",
    "restructure.secret_mounts": "mounted_file",
    "restructure.surroundings": "Surroundings",
    "restructure.users": "user_at",
    "rewrite": "drop",
    "rule": "Options rule",
    "secrets.names": "classify_name",
    "secrets.values": "credential_name",
    "shell.commands": "Command",
    "shell.execform": "ShellSyntax shell_syntax",
    "shell.leftovers": "LostState lost_state",
    "shell.packages": "Install Option Package PackageCommand",
    "shell.downloads": "RunDownload address_of run_downloads",
    "shell.pipelines": "Pipeline pipelines status_counts",
    "shell.script": "Script StartScript",
    "shell.state": "ShellState",
    "shell.variables": "ScriptVariable assigned_names script_variables",
    "source": "ImagePlace Span",
    "suppression": "Suppression UnusedWord",
}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}
_RENAMED = {
    "lookup_base": "lookup",
    "parse_reference": "parse",
    "classify_name": "classify",
    "join_path": "join",
    "repair_json_form": "repair",
}
# What only fixes call, or what is rarely called: the module behind it is imported at the first call.
_AT_CALL = frozenset("built_apart joined manifest_first mounted_argument mounted_file".split())


if not TYPE_CHECKING:  # a type checker must miss what is not listed above

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"dfguard.api has no {name!r}")
        value = _at_call(name) if name in _AT_CALL else _loaded(name)
        globals()[name] = value
        return value


def _loaded(name: str) -> Any:
    from importlib import import_module

    return getattr(import_module(f"dfguard.{_HOME[name]}"), _RENAMED.get(name, name))


def _at_call(name: str) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        return _loaded(name)(*arguments, **named)

    return call


def __dir__() -> list[str]:
    return sorted(_HOME)
