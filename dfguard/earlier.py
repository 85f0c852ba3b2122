"""What was read of a Dockerfile for the check before this one, so that only what has changed is read again.

An editor keeps one `Earlier` for each Dockerfile that is open in it. It holds what the last check has used, no more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dfguard.dockerfile.again import parse_again
from dfguard.dockerfile.parse import parse
from dfguard.moving import Mover
from dfguard.shell.script import Interpreter, Script, read_run
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.dockerfile.nodes import Dockerfile, Run
    from dfguard.shell.words import Lookup
    from dfguard.source import Source, Span
    from dfguard.unit import Unit

_Key = tuple[str, str, Interpreter, bool]


class _Read(Struct):
    """A script, the place of its RUN then, and the values of variables that it was read with."""

    script: Script
    place: Span
    values: dict[str, str | None]


class Earlier:
    """Reads one Dockerfile and its scripts. Call `begin` before each check of it; not safe for threads.

    `units` are what the last check has made: its builds, each kind of them once.
    """

    def __init__(self) -> None:
        self._dockerfile: Dockerfile | None = None
        self._left: object = None
        self.units: tuple[Unit, ...] = ()
        self._before: dict[_Key, list[_Read]] = {}
        self._now: dict[_Key, list[_Read]] = {}

    def begin(self) -> None:
        """Forget what the last check did not use; what is left of it is freed by `clear`, since that takes time."""
        self._left = self.units, self._before
        self._before, self._now, self.units = self._now, {}, ()

    def clear(self) -> None:
        """Free what nobody asks for any more."""
        self._left, self._before = None, {}

    def parse(self, source: Source) -> Dockerfile:
        """As `parse.parse`."""
        known = self._dockerfile
        same = known is not None and known.source.path == source.path
        self._dockerfile = parse_again(known, source) if known is not None and same else parse(source)
        return self._dockerfile

    def read_run(self, run: Run, escape: str, shell: Interpreter, lookup: Lookup) -> Script:
        """As `script.read_run`: a RUN of the same text, read by the same shell with the same values, is only moved."""
        place = run.span
        key = (place.text, escape, shell, run.onbuild)
        for read in (*self._now.get(key, ()), *self._before.get(key, ())):
            if all(lookup(name) == value for name, value in read.values.items()):
                mover = Mover(read.place.source, place.source, place.start - read.place.start)
                return self._keep(key, _Read(mover.moved(read.script), place, read.values))
        values: dict[str, str | None] = {}
        return self._keep(key, _Read(read_run(run, escape, shell, _noting(lookup, values)), place, values))

    def _keep(self, key: _Key, read: _Read) -> Script:
        known = self._now.setdefault(key, [])
        if all(read.values != other.values for other in known):
            known.append(read)
        return read.script


def _noting(lookup: Lookup, values: dict[str, str | None]) -> Callable[[str], str | None]:
    """The same lookup, which notes what was asked for."""

    def noting(name: str) -> str | None:
        values[name] = lookup(name)
        return values[name]

    return noting
