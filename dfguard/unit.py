"""A Unit is one Dockerfile in one Invocation; its models are built on first use.

SUBJECTS and NEEDS say which type name a rule may write in its signature, and where the engine
gets it from. No logic of its own: every model comes from its room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dfguard.context.invocation import Invocation
from dfguard.dockerfile import nodes
from dfguard.dockerfile.stages import Stage, StageGraph, StageReference, build_graph
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.base.table import Base
    from dfguard.context.tree import BuildContext
    from dfguard.flow.play import Flow
    from dfguard.flow.secret_files import SecretCopy, SecretFinder
    from dfguard.flow.stage_commands import StageCommands
    from dfguard.shell.commands import Command
    from dfguard.shell.packages import PackageCommand
    from dfguard.shell.script import Script


class Site(Struct):
    """Where a subject stands: its instruction and stage, None for subjects of the whole file."""

    instruction: nodes.Instruction | None = None
    stage: Stage | None = None
    script: Script | None = None


class Unit:
    """One Dockerfile in one Invocation. `load_context` gives the context of a folder, read once a run."""

    def __init__(
        self,
        dockerfile: nodes.Dockerfile,
        invocation: Invocation,
        load_context: Callable[[Invocation], BuildContext | None],
    ) -> None:
        self.dockerfile = dockerfile
        self.invocation = invocation
        self._load_context = load_context
        self._scripts: dict[int, Script] = {}
        self._bases: dict[int, Base] = {}

    @cached_property
    def graph(self) -> StageGraph:
        """Stages and references; raises UsageError for an unknown target."""
        return build_graph(self.dockerfile, target=self.invocation.target, build_args=dict(self.invocation.build_args))

    @cached_property
    def context(self) -> BuildContext | None:
        """The build context, None when it is not known."""
        return self._load_context(self.invocation)

    @cached_property
    def flow(self) -> Flow:
        """The build, played forward."""
        from dfguard.flow.play import play_build

        return play_build(self.graph, self.context, script=self.script, base=self.base)

    @cached_property
    def secret_finder(self) -> SecretFinder:
        """What tells secret files from others."""
        from dfguard.flow.secret_files import SecretFinder

        return SecretFinder(self.context)

    @cached_property
    def secret_copies(self) -> tuple[SecretCopy, ...]:
        """The secrets that reach shipped stages."""
        from dfguard.flow.secret_files import secret_copies

        return tuple(secret_copies(self.flow, self.secret_finder))

    @cached_property
    def instructions(self) -> tuple[tuple[nodes.Instruction, Site], ...]:
        """All instructions with their sites; triggers stand behind their ONBUILD."""
        out: list[tuple[nodes.Instruction, Site]] = []
        for instruction in self.dockerfile.instructions:
            site = Site(instruction, self.graph.stage_of(instruction))
            out.append((instruction, site))
            if isinstance(instruction, nodes.Onbuild) and instruction.trigger is not None:
                out.append((instruction.trigger, Site(instruction.trigger, site.stage)))
        return tuple(out)

    @cached_property
    def scripts(self) -> tuple[tuple[Script, Site], ...]:
        """The script of every RUN; an exec form gives its one command."""
        runs = ((i, s) for i, s in self.instructions if isinstance(i, nodes.Run))
        return tuple((self.script(run), Site(run, site.stage, self.script(run))) for run, site in runs)

    @cached_property
    def commands(self) -> tuple[tuple[Command, Site], ...]:
        """The commands of every RUN."""
        return tuple((command, site) for script, site in self.scripts for command in script.commands)

    @cached_property
    def package_commands(self) -> tuple[tuple[PackageCommand, Site], ...]:
        """The commands that are calls of a package manager."""
        from dfguard.shell.packages import read_package_command

        read = ((read_package_command(command), site) for command, site in self.commands)
        return tuple((command, site) for command, site in read if command is not None)

    @cached_property
    def commands_by_stage(self) -> dict[int, StageCommands]:
        """The commands of each stage, by its index."""
        from dfguard.flow.stage_commands import StageCommands

        def own(pairs: Iterable[tuple[Any, Site]], stage: Stage) -> tuple[Any, ...]:
            return tuple(item for item, site in pairs if site.stage is stage)

        return {
            stage.index: StageCommands(
                tuple((site.instruction, script) for script, site in self.scripts if site.stage is stage),  # type: ignore[misc]
                own(self.commands, stage),
                own(self.package_commands, stage),
            )
            for stage in self.graph.stages
        }

    @cached_property
    def programs(self) -> frozenset[str]:
        """The programs that RUNs call."""
        return frozenset(command.program for command, _ in self.commands)

    @cached_property
    def keywords(self) -> frozenset[str]:
        """The types of the file's instructions, by name."""
        return frozenset(type(instruction).__name__ for instruction, _ in self.instructions)

    def script(self, run: nodes.Run) -> Script:
        """The script of a RUN, read by the shell in force there, with the ARG and ENV values it sees."""
        key = run.span.start
        if key not in self._scripts:
            from dfguard.shell.script import read_exec_form, read_script

            lookup = self.graph.scope_at(run).get
            self._scripts[key] = (
                read_exec_form(run.arguments, run.exec_form, lookup=lookup)
                if run.exec_form is not None
                else read_script(
                    run.arguments,
                    escape=self.dockerfile.escape,
                    heredocs=run.heredocs,
                    interpreter=self.interpreter(run),
                    lookup=lookup,
                )
            )
        return self._scripts[key]

    def interpreter(self, instruction: nodes.Instruction) -> str:
        """The program that runs shell forms at an instruction: from SHELL, the base image, else `sh`."""
        stage = self.graph.stage_of(instruction)
        while stage is not None:
            for other in reversed(stage.instructions):
                before = other.span.start < instruction.span.start
                if before and isinstance(other, nodes.Shell) and other.exec_form:
                    return other.exec_form[0].value.replace("\\", "/").rpartition("/")[2].removesuffix(".exe").lower()
            if stage.parent is None:
                shell = self.base(stage).shell
                return shell if shell and shell != "none" else "sh"
            stage = self.graph.stages[stage.parent]
        return "sh"

    def base(self, stage: Stage) -> Base:
        """What is known of the image at the root of a stage."""
        while stage.parent is not None:
            stage = self.graph.stages[stage.parent]
        if stage.index not in self._bases:
            from dfguard import reference
            from dfguard.base.table import lookup

            parsed = reference.parse(stage.image) if stage.image is not None else None
            self._bases[stage.index] = lookup(parsed)
        return self._bases[stage.index]


def _nodes(kind: str) -> Callable[[Unit], Iterator[tuple[Any, Site]]]:
    def of(unit: Unit) -> Iterator[tuple[Any, Site]]:
        return ((node, site) for node, site in unit.instructions if type(node).__name__ == kind)

    return of


def _installs(unit: Unit) -> Iterator[tuple[Any, Site]]:
    return ((command, site) for command, site in unit.package_commands if command.action == "install")


def _stages(unit: Unit) -> Iterator[tuple[Stage, Site]]:
    return ((stage, Site(stage.from_, stage)) for stage in unit.graph.stages)


def _references(unit: Unit) -> Iterator[tuple[StageReference, Site]]:
    of = unit.graph.stage_of
    return ((ref, Site(ref.instruction, of(ref.instruction))) for ref in unit.graph.references)


def _secret_copies(unit: Unit) -> Iterator[tuple[SecretCopy, Site]]:
    of = unit.graph.stage_of
    return ((copy, Site(copy.instruction, of(copy.instruction))) for copy in unit.secret_copies)


Subjects = Callable[[Unit], Iterable[tuple[Any, Site]]]

INSTRUCTION_TYPES = (
    "From", "Run", "Cmd", "Entrypoint", "Healthcheck", "Shell", "Copy", "Add", "Env", "Label", "Arg",
    "Expose", "Volume", "User", "Workdir", "Stopsignal", "Maintainer", "Onbuild", "Unknown",
)  # fmt: skip

SUBJECTS: dict[str, Subjects] = {
    **{kind: _nodes(kind) for kind in INSTRUCTION_TYPES},
    "Instruction": lambda unit: unit.instructions,
    "Dockerfile": lambda unit: [(unit.dockerfile, Site())],
    "Problem": lambda unit: [(problem, Site()) for problem in unit.dockerfile.problems],
    "Stage": _stages,
    "StageReference": _references,
    "Script": lambda unit: unit.scripts,
    "Command": lambda unit: unit.commands,
    "PackageCommand": lambda unit: unit.package_commands,
    "Install": _installs,
    "SecretCopy": _secret_copies,
}

NEEDS: dict[str, Callable[[Unit, Site], Any]] = {
    "Instruction": lambda unit, site: site.instruction,
    "Run": lambda unit, site: site.instruction if isinstance(site.instruction, nodes.Run) else None,
    "Script": lambda unit, site: site.script,
    "Stage": lambda unit, site: site.stage,
    "Base": lambda unit, site: unit.base(site.stage) if site.stage else None,
    "Scope": lambda unit, site: unit.graph.scope_at(site.instruction) if site.instruction else None,
    "StageGraph": lambda unit, site: unit.graph,
    "Dockerfile": lambda unit, site: unit.dockerfile,
    "Invocation": lambda unit, site: unit.invocation,
    "BuildContext": lambda unit, site: unit.context,
    "SecretFinder": lambda unit, site: unit.secret_finder,
    "Flow": lambda unit, site: unit.flow,
    "StageCommands": lambda unit, site: unit.commands_by_stage[site.stage.index] if site.stage else None,
    "StageFlow": lambda unit, site: unit.flow.stages[site.stage.index] if site.stage else None,
}
