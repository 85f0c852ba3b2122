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

    __slots__ = ("_known", "by", "new", "old")

    def __init__(self, old: Source, new: Source, by: int) -> None:
        self.old = old
        self.new = new
        self.by = by
        self._known: dict[int, Any] = {}

    def moved(self, value: T) -> T:
        """A value with all that is in it: records, tuples of them, and places; anything else stays as it is."""
        moved: T = self._moved(value)
        return moved

    def _moved(self, value: Any) -> Any:
        kind = type(value)
        if kind is Span:
            return self._place(value)
        if kind is tuple:
            return tuple([self._moved(each) for each in value]) if value else value
        if value is None or not issubclass(kind, Struct):
            return value
        known = self._known.get(id(value))
        if known is None:
            known = self._known[id(value)] = _maker(kind)(value, self._moved, self._place)
        return known

    def _place(self, span: Span) -> Span:
        return Span(self.new, span.start + self.by, span.end + self.by) if span.source is self.old else span


@cache
def _maker(kind: type[Struct]) -> Callable[[Any, Go, Go], Any]:
    """A function that makes a record again, with what may have a place in it moved: written out, so that it is fast."""
    told: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        told |= vars(each).get("__annotations__", {})
    ways = {"Span": "place", **dict.fromkeys(_NO_PLACES, "")}
    given = ", ".join(f"{ways.get(told[name], 'go')}(it.{name})" for name in kind._fields)
    maker: Callable[[Any, Go, Go], Any] = eval(f"lambda it, go, place: kind({given})", {"kind": kind})
    return maker
