"""What was read of a Dockerfile for the check before this one, so that only what has changed is read again.

An editor keeps one `Earlier` for each Dockerfile that is open in it. It holds what the last check has used, no more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from dfguard.dockerfile.again import parse_again
from dfguard.dockerfile.parse import parse
from dfguard.moving import Mover
from dfguard.shell.script import Interpreter, Script, read_run
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.dockerfile.nodes import Dockerfile, Run
    from dfguard.shell.words import Lookup
    from dfguard.source import Source, Span

T = TypeVar("T")
_Key = tuple[str, str, Interpreter, bool]


class _Read(Struct):
    """A script, the place of its RUN then, and the values of variables that it was read with.

    `derived` is what functions of a script alone have made of it, by function.
    """

    script: Script
    place: Span
    values: dict[str, str | None]
    derived: dict[object, object]


class Earlier:
    """Reads one Dockerfile and its scripts. Call `begin` before each check of it; not safe for threads.

    `units` are what the last check has made: its builds, each kind of them once.
    """

    def __init__(self) -> None:
        self._dockerfile: Dockerfile | None = None
        self._left: object = None
        self.units: tuple[Any, ...] = ()
        self._before: dict[_Key, list[_Read]] = {}
        self._now: dict[_Key, list[_Read]] = {}
        self._by_script: dict[int, _Read] = {}

    def begin(self) -> None:
        """Forget what the last check did not use; what is left of it is freed by `clear`, since that takes time."""
        self._left = self.units, self._before, self._by_script
        self._before, self._now, self._by_script, self.units = self._now, {}, {}, ()

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
                derived = dict(zip(read.derived, map(mover.moved, read.derived.values()), strict=True))
                return self._keep(key, _Read(mover.moved(read.script), place, read.values, derived))
        values: dict[str, str | None] = {}
        return self._keep(key, _Read(read_run(run, escape, shell, _noting(lookup, values)), place, values, {}))

    def of(self, script: Script, what: Callable[[Script], T]) -> T:
        """`what(script)`, which gives records, and asks for nothing but the script."""
        read = self._by_script.get(id(script))
        if read is None or read.script is not script:
            return what(script)
        if what not in read.derived:
            read.derived[what] = what(script)
        found: T = read.derived[what]  # type: ignore[assignment]
        return found

    def _keep(self, key: _Key, read: _Read) -> Script:
        self._by_script[id(read.script)] = read
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
