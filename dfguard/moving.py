"""Models of a piece of text that stands elsewhere now: the same records, with places in the new text.

To read a script anew takes ten times as long, and an editor changes one instruction at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from dfguard.source import Source, Span
from dfguard.struct import Struct

T = TypeVar("T")
Go = Callable[[Any], Any]
_NO_PLACES = frozenset(
    (
        *("str", "int", "bool", "str | None", "bool | None", "int | None"),
        *("tuple[str, ...]", "tuple[int, ...]", "tuple[tuple[str, str], ...]", "ShellState"),
    )
)


class Mover:
    """Moves records from one source to another, `by` characters ahead; what is one object stays one object."""

    __slots__ = ("_moved",)

    def __init__(self, old: Source, new: Source, by: int) -> None:
        known: dict[int, Any] = {}

        def place(span: Span) -> Span:
            return Span(new, span.start + by, span.end + by) if span.source is old else span

        def move(value: Any) -> Any:
            kind: Any = type(value)
            if kind is tuple:
                return tuple([move(each) for each in value])
            if kind is Span:
                return place(value)
            found = known.get(id(value))
            if found is None:
                found = known[id(value)] = _maker(kind)(value, move, place)
            return found

        self._moved = move

    def moved(self, value: T) -> T:
        """A value with all that is in it: records, tuples of them, and places; anything else stays as it is."""
        moved: T = self._moved(value)
        return moved


@cache
def _maker(kind: Any) -> Callable[[Any, Go, Go], Any]:
    """A function that makes a record again, with what may have a place in it moved: written out, so that it is fast."""
    if not issubclass(kind, Struct):
        return lambda it, go, place: it
    told: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        told |= vars(each).get("__annotations__", {})
    ways = {"Span": "place(it.{0})", **dict.fromkeys(_NO_PLACES, "it.{0}")}
    given = ", ".join(ways.get(told[name], "go(it.{0}) if it.{0} else it.{0}").format(name) for name in kind._fields)
    maker: Callable[[Any, Go, Go], Any] = eval(f"lambda it, go, place: kind({given})", {"kind": kind})
    return maker
