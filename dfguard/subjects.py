"""What a rule may write in its signature: SUBJECTS to visit and NEEDS to be given, by the name of the type.

Each is a look at a `unit.Unit`, which builds its models on first use.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from dfguard.dockerfile import nodes
from dfguard.dockerfile.stages import Stage
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.context.invocation import Invocation
    from dfguard.shell.script import Script


class Site(Struct):
    """Where a subject stands: its instruction and stage, None for subjects of the whole file."""

    instruction: nodes.Instruction | None = None
    stage: Stage | None = None
    script: Script | None = None


def _nodes(kind: str) -> Callable[[Any], Iterable[tuple[Any, Site]]]:
    def of(unit: Any) -> Iterable[tuple[Any, Site]]:
        nodes: Iterable[tuple[Any, Site]] = unit.by_keyword.get(kind, ())
        return nodes

    return of


def _installs(unit: Any) -> Iterator[tuple[Any, Site]]:
    return ((command, site) for command, site in unit.package_commands if command.action == "install")


def _problems(unit: Any) -> Iterator[tuple[nodes.Problem, Site]]:
    """Problems with the instruction that they stand in, for an ONBUILD the trigger's too."""
    instructions = unit.dockerfile.instructions
    starts = [instruction.span.start for instruction in instructions]
    for problem in unit.problems:
        at = bisect_right(starts, problem.span.start) - 1
        inside = at >= 0 and problem.span.start <= instructions[at].span.end
        yield problem, Site(instructions[at], unit.graph.stage_of(instructions[at])) if inside else Site()


def _stages(unit: Any) -> Iterator[tuple[Stage, Site]]:
    return ((stage, Site(stage.from_, stage)) for stage in unit.graph.stages)


def _references(unit: Any) -> Iterator[tuple[Any, Site]]:
    of = unit.graph.stage_of
    return ((ref, Site(ref.instruction, of(ref.instruction))) for ref in unit.graph.references)


def _placed(model: str) -> Callable[[Any], Iterator[tuple[Any, Site]]]:
    """The parts of a model of the unit, each at the instruction that it names."""

    def of(unit: Any) -> Iterator[tuple[Any, Site]]:
        stage_of = unit.graph.stage_of
        return ((part, Site(part.instruction, stage_of(part.instruction))) for part in getattr(unit, model))

    return of


def _is_described(invocation: Invocation) -> bool:
    """Whether a file says something of the build: rules that visit it have no place to show otherwise."""
    return bool(invocation.problems or invocation.own or invocation.places)


Subjects = Callable[[Any], Iterable[tuple[Any, Site]]]

INSTRUCTION_TYPES = (
    "From", "Run", "Cmd", "Entrypoint", "Healthcheck", "Shell", "Copy", "Add", "Env", "Label", "Arg",
    "Expose", "Volume", "User", "Workdir", "Stopsignal", "Maintainer", "Onbuild", "Unknown",
)  # fmt: skip

SUBJECTS: dict[str, Subjects] = {
    **{kind: _nodes(kind) for kind in INSTRUCTION_TYPES},
    "Instruction": lambda unit: unit.instructions,
    "Dockerfile": lambda unit: [(unit.dockerfile, Site())],
    "Problem": _problems,
    "Stage": _stages,
    "StageReference": _references,
    "Script": lambda unit: unit.scripts,
    "StartScript": lambda unit: unit.start_scripts,
    "Command": lambda unit: unit.commands,
    "PackageCommand": lambda unit: unit.package_commands,
    "Install": _installs,
    "SecretCopy": _placed("secret_copies"),
    "SecretValue": _placed("secret_values"),
    "PythonSecret": _placed("python_secrets"),
    "HeredocSecret": _placed("heredoc_secrets"),
    "ValueFlow": _placed("value_flows"),
    "Absent": lambda unit: ((a, Site(a.taking.instruction, a.taking.stage)) for a in unit.absent),
    "Taking": lambda unit: ((taking, Site(taking.instruction, taking.stage)) for taking in unit.takings),
    "DependencyInstall": _placed("dependency_installs"),
    "RequirementFile": _placed("requirement_files"),
    "StartProgram": lambda unit: ((p, Site(p.instruction, p.stage)) for p in unit.start_programs),
    "Loss": _placed("losses"),
    "VariableUse": lambda unit: unit.variable_uses,
    "Invocation": lambda unit: [(unit.invocation, Site())] if _is_described(unit.invocation) else [],
}


def _surroundings(unit: Any, site: Site) -> Any:
    from dfguard.restructure.surroundings import Surroundings  # which fixes alone ask for

    return Surroundings.of(unit, site.stage) if site.stage is not None else None


NEEDS: dict[str, Callable[[Any, Site], Any]] = {
    "Instruction": lambda unit, site: site.instruction,
    "Run": lambda unit, site: site.instruction if isinstance(site.instruction, nodes.Run) else None,
    "Script": lambda unit, site: site.script,
    "Shell": lambda unit, site: unit.shell(site.instruction) if site.instruction else None,
    "Stage": lambda unit, site: site.stage,
    "Base": lambda unit, site: unit.base(site.stage) if site.stage else None,
    "Scope": lambda unit, site: unit.graph.scope_at(site.instruction) if site.instruction else None,
    "StageGraph": lambda unit, site: unit.graph,
    "Dockerfile": lambda unit, site: unit.dockerfile,
    "Frontend": lambda unit, site: unit.frontend,
    "Invocation": lambda unit, site: unit.invocation,
    "BuildContext": lambda unit, site: unit.context,
    "GitFolder": lambda unit, site: unit.git,
    "SecretFinder": lambda unit, site: unit.secret_finder,
    "Flow": lambda unit, site: unit.flow,
    "Surroundings": _surroundings,
    "StageCommands": lambda unit, site: unit.commands_by_stage[site.stage.index] if site.stage else None,
    "StageFlow": lambda unit, site: unit.flow.stages[site.stage.index] if site.stage else None,
}
