"""Logical lines: text joined over continuations, with the way back to the source.

BuildKit reads an instruction as one line, with the continuation characters, comments and empty
lines inside it taken out. Everything behind the scanner counts offsets in that joined text; a
LogicalLine turns them into places of the source.
"""

from __future__ import annotations

from bisect import bisect_right

from dfguard.source import Source, Span

# Go's unicode.IsSpace; Python's str.isspace also takes \x1c to \x1f.
SPACE = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
# What separates words of most instructions: BuildKit's reWhitespace.
BLANK = "\t\v\f\r "

Range = tuple[int, int]


def trim(text: str, start: int, end: int, characters: str = SPACE) -> Range:
    """The part of `text[start:end]` left when `characters` are cut at both ends; empty ones stand at `start`."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip(characters))
    if left == len(piece):
        return start, start
    return start + left, start + len(piece.rstrip(characters))


class LogicalLine:
    """The joined text of an instruction.

    `pieces` are (start, end) offsets in the source, in order, at least one; `text` is what they hold.
    """

    __slots__ = ("_offsets", "_starts", "source", "text")

    def __init__(self, source: Source, pieces: list[Range]) -> None:
        self.source = source
        self._offsets = [start for start, _ in pieces]
        self._starts = [0]
        if len(pieces) == 1:
            self.text = source.text[pieces[0][0] : pieces[0][1]]
            return
        at = 0
        for start, end in pieces[:-1]:
            at += end - start
            self._starts.append(at)
        self.text = "".join([source.text[start:end] for start, end in pieces])

    def offset(self, at: int) -> int:
        """The offset in the source of the character `at` of the joined text."""
        if len(self._starts) == 1:
            return self._offsets[0] + at
        piece = bisect_right(self._starts, at) - 1
        return self._offsets[piece] + at - self._starts[piece]

    def span(self, start: int, end: int) -> Span:
        """The place of `text[start:end]`.

        A place over several physical lines holds the continuations between them. An empty one stands
        right behind the character before it.
        """
        if start < end:
            return Span(self.source, self.offset(start), self.offset(end - 1) + 1)
        at = self.offset(start - 1) + 1 if start else self.offset(0)
        return Span(self.source, at, at)
