"""Offsets of a text as the lines and characters of the protocol, in the encoding that client and server agreed on.

The protocol ends lines at `\\n`, `\\r\\n` and `\\r`, BuildKit (and `dfguard.source`) at `\\n` only, so that the
editor's lines are counted here. https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from functools import cached_property

from lsprotocol.types import Position, PositionEncodingKind, Range

from dfguard.source import BOM, Source, Span

UTF8, UTF16, UTF32 = PositionEncodingKind.Utf8.value, PositionEncodingKind.Utf16.value, PositionEncodingKind.Utf32.value
ENCODINGS = (UTF8, UTF16, UTF32)
_LINE_END = re.compile(r"\r\n|\n|\r")


class Lines:
    """The lines of one text; `skip` are the characters in front that no editor shows (a byte order mark on disk)."""

    def __init__(self, text: str, encoding: str, skip: int = 0) -> None:
        self.text = text
        self.encoding = encoding
        self.skip = skip

    @cached_property
    def starts(self) -> list[int]:
        """The offset of the first character of each line."""
        return [self.skip, *(match.end() for match in _LINE_END.finditer(self.text))]

    @cached_property
    def plain(self) -> bool:
        """Whether every character is one unit in every encoding."""
        return self.text.isascii()

    def position(self, offset: int) -> Position:
        """The place of an offset; one inside of a line end is the end of its line."""
        line = max(bisect_right(self.starts, offset) - 1, 0)
        start = self.starts[line]
        end = min(max(offset, start), self._end(line))
        return Position(line, end - start if self.plain else self._units(self.text[start:end]))

    def offset(self, position: Position) -> int:
        """The offset of a place; past the end of a line is its end, and so is the middle of a character its start."""
        if position.line >= len(self.starts):
            return len(self.text)
        start, end = self.starts[position.line], self._end(position.line)
        if self.plain or self.encoding == UTF32:
            return min(start + position.character, end)
        left = position.character
        for at in range(start, end):
            left -= self._units(self.text[at])
            if left < 0:
                return at
            if left == 0:
                return at + 1 if position.character else start
        return start if position.character == 0 else end

    def range(self, start: int, end: int) -> Range:
        """The places of two offsets."""
        return Range(self.position(start), self.position(end))

    def _end(self, line: int) -> int:
        """The offset of the end of a line, before its line end."""
        if line + 1 == len(self.starts):
            return len(self.text)
        end = self.starts[line + 1] - 1
        return end - 1 if self.text[end] == "\n" and end > self.starts[line] and self.text[end - 1] == "\r" else end

    def _units(self, text: str) -> int:
        """How many units of the encoding a text takes."""
        if self.encoding == UTF32:
            return len(text)
        if self.encoding == UTF16:
            return len(text) + sum(character > "\uffff" for character in text)
        return len(text.encode("utf-8", "surrogatepass"))


class Ruler:
    """Places of spans in the protocol's words; `opened` tells whether an editor holds the text of a path."""

    def __init__(self, encoding: str, opened: Callable[[str], bool]) -> None:
        self.encoding = encoding
        self._opened = opened
        self._lines: dict[int, tuple[Source, Lines]] = {}

    def lines(self, source: Source) -> Lines:
        """The lines of a text, counted once."""
        known = self._lines.get(id(source))
        if known is None:
            skip = 0 if self._opened(source.path) else int(source.text.startswith(BOM))
            known = self._lines[id(source)] = (source, Lines(source.text, self.encoding, skip))
        return known[1]

    def range(self, span: Span) -> Range:
        """The place of a span."""
        return self.lines(span.source).range(span.start, span.end)
