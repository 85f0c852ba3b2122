"""The commands of one stage, RUN by RUN."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Any

from dfguard.dockerfile.nodes import Run
from dfguard.edit import HasSpan
from dfguard.shell.commands import Command
from dfguard.shell.packages import PackageCommand
from dfguard.shell.script import Script
from dfguard.struct import Struct


class StageCommands(Struct):
    """What the RUNs of a stage call; `scripts` pairs each RUN with its script, in order."""

    scripts: tuple[tuple[Run, Script], ...]
    commands: tuple[Command, ...]
    package_commands: tuple[PackageCommand, ...]

    def run_of(self, place: HasSpan) -> Run | None:
        """The RUN that a command stands in."""
        at = bisect_right(self.scripts, place.span.start, key=lambda pair: pair[0].span.start)
        run = self.scripts[at - 1][0] if at else None
        return run if run is not None and run.span.contains(place.span) else None

    def package_commands_of(self, run: Run) -> tuple[PackageCommand, ...]:
        """The calls of package managers in a RUN."""
        first = bisect_left(self.package_commands, run.span.start, key=_start)
        return self.package_commands[first : bisect_right(self.package_commands, run.span.end, key=_start)]

    def mentions(self, programs: Iterable[str]) -> bool:
        """Whether one of `programs` is called, wrapped around a call, or installed."""
        wanted = frozenset(programs)
        called = any(c.program in wanted or not wanted.isdisjoint(c.wrappers) for c in self.commands)
        return called or any(p.name in wanted for c in self.package_commands for p in c.packages)


def by_stage(
    stages: int,
    scripts: Iterable[tuple[int, tuple[Any, Script]]],
    commands: Iterable[tuple[int, Command]],
    calls: Iterable[tuple[int, PackageCommand]],
) -> dict[int, StageCommands]:
    """The commands of each stage by its index, from what is paired with the index of its stage."""
    scripts_of: list[list[tuple[Run, Script]]] = [[] for _ in range(stages)]
    commands_of: list[list[Command]] = [[] for _ in range(stages)]
    calls_of: list[list[PackageCommand]] = [[] for _ in range(stages)]
    for stage, pair in scripts:
        scripts_of[stage].append(pair)
    for stage, command in commands:
        commands_of[stage].append(command)
    for stage, call in calls:
        calls_of[stage].append(call)
    parts = zip(scripts_of, commands_of, calls_of, strict=True)
    return {
        stage: StageCommands(tuple(pairs), tuple(called), tuple(sorted(packages, key=_start)))
        for stage, (pairs, called, packages) in enumerate(parts)
    }


def _start(command: PackageCommand) -> int:
    return command.span.start
