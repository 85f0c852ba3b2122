"""The commands of one stage, RUN by RUN."""

from __future__ import annotations

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
        return next((run for run, _ in self.scripts if run.span.contains(place.span)), None)

    def package_commands_of(self, run: Run) -> tuple[PackageCommand, ...]:
        """The calls of package managers in a RUN."""
        return tuple(command for command in self.package_commands if run.span.contains(command.span))

    def mentions(self, programs: Iterable[str]) -> bool:
        """Whether one of `programs` is called, wrapped around a call, or installed."""
        wanted = frozenset(programs)
        called = any(c.program in wanted or not wanted.isdisjoint(c.wrappers) for c in self.commands)
        return called or any(p.name in wanted for c in self.package_commands for p in c.packages)
