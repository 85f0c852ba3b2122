"""The commands of one stage, RUN by RUN."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

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


def _start(command: PackageCommand) -> int:
    return command.span.start
