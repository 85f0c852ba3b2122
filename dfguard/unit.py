"""A Unit is one Dockerfile in one Invocation; its models are built on first use.

No logic of its own: every model comes from its room. What rules see of it is in `subjects`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dfguard.context.invocation import Invocation
from dfguard.dockerfile import nodes
from dfguard.dockerfile.directives import frontend
from dfguard.dockerfile.stages import Stage, StageGraph, build_graph
from dfguard.errors import InputError
from dfguard.subjects import NEEDS, SUBJECTS, Site

if TYPE_CHECKING:
    from dfguard.base.table import Base
    from dfguard.context.gitfolder import GitFolder
    from dfguard.context.named import NamedFolder
    from dfguard.context.tree import BuildContext
    from dfguard.dockerfile.features import Frontend
    from dfguard.dockerfile.uses import VariableUse
    from dfguard.earlier import Earlier
    from dfguard.flow.absent import Absent
    from dfguard.flow.dependency_installs import DependencyInstall
    from dfguard.flow.events import Added
    from dfguard.flow.losses import Loss
    from dfguard.flow.play import Flow
    from dfguard.flow.requirement_files import RequirementFile
    from dfguard.flow.secret_files import SecretCopy, SecretFinder, SecretReadings
    from dfguard.flow.secret_values import SecretValue
    from dfguard.flow.stage_commands import StageCommands
    from dfguard.flow.start_programs import StartProgram
    from dfguard.flow.takings import Taking
    from dfguard.flow.values import ValueFlow
    from dfguard.python_sources.files import HeredocSecret, PythonSecret
    from dfguard.python_sources.reader import PythonReaders
    from dfguard.secrets.names import NamedSecret
    from dfguard.shell.commands import Command
    from dfguard.shell.packages import PackageCommand
    from dfguard.shell.script import Interpreter, Script, StartScript


class Unit:
    """One Dockerfile in one Invocation. `load_context` reads the context of a folder, `earlier` has the last check."""

    def __init__(
        self,
        dockerfile: nodes.Dockerfile,
        invocation: Invocation,
        load_context: Callable[[Invocation], BuildContext | None],
        readings: Callable[[], SecretReadings] | None = None,
        earlier: Earlier | None = None,
    ) -> None:
        self.dockerfile = dockerfile
        self.invocation = invocation
        self._load_context = load_context
        self._readings = readings
        self._earlier = earlier
        self.context_error: InputError | None = None  # why the context can't be read, once it was asked for
        self.named_errors: dict[str, InputError] = {}  # the same for named contexts, by name
        self._scripts: dict[int, Script] = {}
        self._start_scripts: dict[int, StartScript] = {}
        self._bases: dict[int, Base] = {}

    @property
    def path(self) -> str:
        """The path of the Dockerfile."""
        return self.dockerfile.source.path

    @property
    def builds(self) -> tuple[str, ...]:
        """The name of the build."""
        return (self.invocation.name,)

    @property
    def subjects(self) -> Mapping[str, Callable[[Any], Iterable[tuple[Any, Site]]]]:
        """What rules can visit here."""
        return SUBJECTS

    @property
    def needs(self) -> Mapping[str, Callable[[Any, Site], Any]]:
        """What rules can ask for here."""
        return NEEDS

    @cached_property
    def graph(self) -> StageGraph:
        """Stages and references; raises UsageError for an unknown target."""
        given = self.invocation
        return build_graph(self.dockerfile, target=given.target, build_args=given.build_args, named=given.name_of)

    @cached_property
    def problems(self) -> tuple[nodes.Problem, ...]:
        """What BuildKit refuses of this build, or reads otherwise than it looks, by place."""
        from dfguard.dockerfile.dispatch import build_problems

        given = self.invocation
        return build_problems(
            self.graph, lambda stage: self.base(stage).workdir, build_args=given.build_args, contexts=given.contexts
        )

    @cached_property
    def context(self) -> BuildContext | None:
        """The build context, None when it is not known or can't be read (`context_error`)."""
        try:
            return self._load_context(self.invocation)
        except InputError as error:
            self.context_error = error
            return None

    @cached_property
    def takings(self) -> tuple[Taking, ...]:
        """What each line takes from the build context; nothing when that is not known."""
        from dfguard.flow.takings import takings

        return takings(self.graph, self.context) if self.context is not None else ()

    @cached_property
    def absent(self) -> tuple[Absent, ...]:
        """The lines that take nothing of the context, though they name something."""
        from dfguard.flow.absent import find_absent

        if self.context is None or self.git is None or all(taking.selected for taking in self.takings):
            return ()
        return tuple(find_absent(self.takings, self.context, self.git, self.invocation))

    @cached_property
    def git(self) -> GitFolder | None:
        """What git says of the build context."""
        from dfguard.context.gitfolder import GitFolder

        return GitFolder(self.context.root) if self.context is not None else None

    @cached_property
    def flow(self) -> Flow:
        """The build, played forward."""
        from dfguard.flow.play import play_build

        return play_build(self.graph, self.context, script=self.script, base=self.base, named=self.named_folders)

    @cached_property
    def named_folders(self) -> dict[str, NamedFolder]:
        """The named contexts that are folders and can be read (else `named_errors` says why not), by name."""
        if not self.invocation.folders:
            return {}
        from dfguard.flow.named_base import read_folders

        return read_folders(self.invocation, self._load_context, self.named_errors)

    @cached_property
    def start_programs(self) -> tuple[StartProgram, ...]:
        """The programs that containers start with."""
        from dfguard.flow.start_programs import start_programs

        readers = self.start_script, self.script, self.base
        return tuple(start_programs(self.flow, self.graph, self.context, *readers))

    @cached_property
    def secret_finder(self) -> SecretFinder:
        """What tells secret files from others."""
        from dfguard.flow.secret_files import SecretFinder

        readers, readings = self.python_readers, self._readings() if self._readings else None
        return SecretFinder(self.context, (readers.at(readers.root),), readings, lambda root: (readers.at(root),))

    @cached_property
    def python_readers(self) -> PythonReaders:
        """What looks for credentials in the Python files that the secret finder reads."""
        from dfguard.python_sources.reader import PythonReaders

        return PythonReaders(self.context.root if self.context else "", self._readings() if self._readings else None)

    @cached_property
    def python_secrets(self) -> tuple[PythonSecret, ...]:
        """The credentials in Python files that reach the image."""
        from dfguard.python_sources.files import python_secrets

        return tuple(python_secrets(self.flow, self.secret_finder, self.python_readers))

    @cached_property
    def heredoc_secrets(self) -> tuple[HeredocSecret, ...]:
        """The credentials in heredocs that are Python; those that `secret_values` tells are left to it."""
        from dfguard.python_sources.files import heredoc_secrets

        told = [value.span for value in self.secret_values]
        instructions = [instruction for instruction, _ in self.instructions]
        return tuple(heredoc_secrets(self.flow, instructions, (command for command, _ in self.commands), told))

    @cached_property
    def secret_copies(self) -> tuple[SecretCopy, ...]:
        """The secrets that reach shipped stages."""
        from dfguard.flow.secret_files import secret_copies

        return tuple(secret_copies(self.flow, self.secret_finder, self._is_told_as_python))

    def _is_told_as_python(self, added: Added, secret: NamedSecret) -> bool:
        """Whether what plain text says of a file is said, or refuted, by `python_secrets` and `heredoc_secrets`."""
        if added.origin.heredoc is None:
            reader = self.python_readers.of(added.origin)
            return reader is not None and reader.tells(added.origin.path, secret)
        return any(each.added is not None and each.added.origin == added.origin for each in self.heredoc_secrets)

    @cached_property
    def secret_values(self) -> tuple[SecretValue, ...]:
        """The secrets that are written in the file itself."""
        from dfguard.flow.secret_values import secret_values

        return tuple(secret_values(self.dockerfile, self.script, self.graph.scope_at, self.of))

    @cached_property
    def value_flows(self) -> tuple[ValueFlow, ...]:
        """The credentials that the build is handed, and where each ends up."""
        from dfguard.flow.value_walk import Sources, value_flows

        return value_flows(self.graph, Sources(self.script, self.base, self.secret_finder, lambda: self.flow))

    @cached_property
    def dependency_installs(self) -> tuple[DependencyInstall, ...]:
        """The installs of what a manifest of the context lists."""
        from dfguard.flow.dependency_installs import dependency_installs

        calls = ((call, site.instruction, site.stage) for call, site in self.package_commands)
        return tuple(dependency_installs(self.flow, self.context, calls))

    @cached_property
    def requirement_files(self) -> tuple[RequirementFile, ...]:
        """The files of requirements that pip is given."""
        from dfguard.flow.requirement_files import requirement_files

        calls = ((call, site.instruction, site.stage) for call, site in self.package_commands)
        return tuple(requirement_files(self.flow, self.context, calls))

    @cached_property
    def losses(self) -> tuple[Loss, ...]:
        """What layers hold in vain."""
        from dfguard.flow.losses import losses

        return losses(self.flow, self.script)

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
    def start_scripts(self) -> tuple[tuple[StartScript, Site], ...]:
        """The script of every CMD, ENTRYPOINT and HEALTHCHECK but `HEALTHCHECK NONE`."""
        read = ((self.start_script(instruction), site) for instruction, site in self.instructions)
        return tuple((script, Site(site.instruction, site.stage, script)) for script, site in read if script)

    @cached_property
    def commands(self) -> tuple[tuple[Command, Site], ...]:
        """The commands of every RUN."""
        return tuple((command, site) for script, site in self.scripts for command in script.commands)

    @cached_property
    def package_commands(self) -> tuple[tuple[PackageCommand, Site], ...]:
        """The commands that are calls of a package manager."""
        from dfguard.shell.packages import package_commands

        return tuple((call, site) for script, site in self.scripts for call in self.of(script, package_commands))

    @cached_property
    def variable_uses(self) -> tuple[tuple[VariableUse, Site], ...]:
        """The variables that the builder replaces."""
        from dfguard.dockerfile.uses import variable_uses

        escape = self.dockerfile.escape
        return tuple((use, site) for node, site in self.instructions for use in variable_uses(node, escape))

    @cached_property
    def frontend(self) -> Frontend | None:
        """What `# syntax=` names."""
        if frontend(self.dockerfile.source) is None:
            return None
        from dfguard.dockerfile.features import read_frontend

        return read_frontend(self.dockerfile)

    @cached_property
    def commands_by_stage(self) -> dict[int, StageCommands]:
        """The commands of each stage, by its index."""
        from dfguard.flow.stage_commands import by_stage

        return by_stage(
            len(self.graph.stages),
            ((site.stage.index, (site.instruction, script)) for script, site in self.scripts if site.stage),
            ((site.stage.index, command) for command, site in self.commands if site.stage),
            ((site.stage.index, call) for call, site in self.package_commands if site.stage),
        )

    @cached_property
    def programs(self) -> frozenset[str]:
        """The programs that RUNs call, and the package managers behind them (`python -m pip`)."""
        managers = (call.manager for call, _ in self.package_commands)
        return frozenset((*(command.program for command, _ in self.commands), *managers))

    @cached_property
    def by_keyword(self) -> dict[str, list[tuple[nodes.Instruction, Site]]]:
        """The instructions with their sites by the names of their types."""
        found: dict[str, list[tuple[nodes.Instruction, Site]]] = {}
        for each in self.instructions:
            found.setdefault(type(each[0]).__name__, []).append(each)
        return found

    def script(self, run: nodes.Run) -> Script:
        """The script of a RUN, read by the shell in force there, with the ARG and ENV values it sees."""
        key = run.span.start
        if key not in self._scripts:
            from dfguard.shell.script import read_run

            read = self._earlier.read_run if self._earlier is not None else read_run
            scope = self.graph.scope_at(run)
            lookup = scope.env.get if run.onbuild else scope.get
            self._scripts[key] = read(run, self.dockerfile.escape, self.interpreter(run), lookup)
        return self._scripts[key]

    def of(self, script: Script, what: Callable[[Script], Any]) -> Any:
        """`what(script)`, or what it has made of the same script for the check before."""
        return self._earlier.of(script, what) if self._earlier is not None else what(script)

    def start_script(self, instruction: nodes.Instruction) -> StartScript | None:
        """The script of a CMD, ENTRYPOINT or HEALTHCHECK, None for other instructions and `HEALTHCHECK NONE`.

        The values of variables are not known: `docker run -e` may set them.
        """
        text = instruction.test if isinstance(instruction, nodes.Healthcheck) else instruction.arguments
        if not isinstance(instruction, (nodes.Cmd, nodes.Entrypoint, nodes.Healthcheck)) or text is None:
            return None
        key = instruction.span.start
        if key not in self._start_scripts:
            from dfguard.shell.script import read_start_script

            given = (text, instruction.exec_form, self.dockerfile.escape, self.interpreter(instruction))
            self._start_scripts[key] = read_start_script(*given)
        return self._start_scripts[key]

    def interpreter(self, instruction: nodes.Instruction) -> Interpreter:
        """What runs shell forms at an instruction: from SHELL, the base image, else `sh`.

        Where the base is not known, `cmd` for `--platform=windows/...` and for a file with a backtick for `# escape=`.
        """
        from dfguard.shell.script import Interpreter, read_shell

        shell = self.shell(instruction)
        if shell is not None and shell.exec_form:
            return read_shell(shell.exec_form)
        stage = self.graph.stage_of(instruction)
        base = self.base(stage) if stage is not None else None
        if base is not None and base.shell:
            return Interpreter("sh" if base.shell == "none" else base.shell)
        platform = stage.from_.flag("platform") if stage is not None else None
        windows = platform is not None and (platform.value or "").lower().startswith("windows")
        return Interpreter("cmd" if windows or (self.dockerfile.escape == "`" and not (base and base.known)) else "sh")

    def shell(self, instruction: nodes.Instruction) -> nodes.Shell | None:
        """The SHELL instruction in force at an instruction, also one of a stage that its own is FROM; for
        HEALTHCHECK and ONBUILD the last one, since the SHELL of the finished image runs them."""
        late = instruction.onbuild or isinstance(instruction, nodes.Healthcheck)
        stage = self.graph.stage_of(instruction)
        while stage is not None:
            for other in reversed(self._shells[stage.index]):
                if late or other.span.start < instruction.span.start:
                    return other
            stage = self.graph.stages[stage.parent] if stage.parent is not None else None
        return None

    @cached_property
    def _shells(self) -> dict[int, list[nodes.Shell]]:
        """The SHELL instructions of each stage."""
        shells = [(stage.index, stage.instructions) for stage in self.graph.stages]
        return {at: [i for i in inside if isinstance(i, nodes.Shell) and i.exec_form] for at, inside in shells}

    def base(self, stage: Stage) -> Base:
        """What is known of the image at the root of a stage."""
        stage = self.graph.root_of(stage)
        if stage.index not in self._bases:
            from dfguard import reference
            from dfguard.base.table import lookup

            image = stage.image if stage.named is None else self.invocation.image_of(stage.named)
            self._bases[stage.index] = lookup(reference.parse(image) if image is not None else None)
        return self._bases[stage.index]
