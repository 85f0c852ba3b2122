"""One word of a command, as the program receives it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.source import Span
from dfguard.struct import Struct


class Argument(Struct):
    """One word of a command.

    `raw` is the word as written. `value` has quotes removed and known variables substituted; None when
    it depends on what only a running shell knows. `fields` are the arguments that the program receives:
    one as a rule, several for an unquoted variable with blanks in it or for `{a,b}`, none for an empty
    unquoted variable or an unknown value. `glob`: an unquoted `*`, `?` or `[...]`, which the shell
    replaces by matching paths. A leading `~` is kept.
    """

    span: Span
    raw: str
    value: str | None
    fields: tuple[str, ...] = ()
    glob: bool = False

    if not TYPE_CHECKING:  # the most frequent object of a run: a written-out __init__ takes half the time

        def __init__(self, span, raw, value, fields=(), glob=False):
            put = object.__setattr__
            put(self, "span", span)
            put(self, "raw", raw)
            put(self, "value", value)
            put(self, "fields", fields)
            put(self, "glob", glob)

    @property
    def text(self) -> str:
        """The value, or the word as written when the value is not known."""
        return self.raw if self.value is None else self.value

    @property
    def each(self) -> tuple[Argument, ...]:
        """One argument for each field, all with this place; the argument itself when it is unknown."""
        if self.value is None or self.fields == (self.value,):
            return (self,)
        return tuple(Argument(self.span, self.raw, field, (field,), self.glob) for field in self.fields)

    def tail(self, length: int) -> Argument:
        """What follows the first `length` characters of `text`: the value in `--option=value`."""
        quote = self.raw[:1] if self.raw[:1] in ("'", '"') and self.raw[-1:] == self.raw[:1] else ""
        start, end = length + len(quote), len(self.raw) - len(quote)
        if not self.raw.startswith(self.text[:length], len(quote)):
            start, end = 0, len(self.raw)
        value = None if self.value is None else self.value[length:]
        fields = () if value is None else (value,)
        return Argument(self.span.sub(start, end), self.raw[start:end], value, fields, self.glob)
