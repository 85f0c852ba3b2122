"""Text as a shell receives it, every character of which knows its place in the Dockerfile.

BuildKit joins the lines of an instruction and drops comment lines before the shell sees anything;
`sh -c "..."` drops quotes and backslashes. So a ShellText is a row of pieces of a Source.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from dfguard.source import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfguard.source import Source


class ShellText:
    """The characters of `pieces` (start and end offsets in `source`, ascending) joined to one text."""

    __slots__ = ("_positions", "_starts", "source", "text")

    def __init__(self, source: Source, pieces: Iterable[tuple[int, int]]) -> None:
        pieces = list(pieces)
        kept = [piece for piece in pieces if piece[0] < piece[1]] or pieces[:1] or [(0, 0)]
        self.source = source
        self.text = "".join([source.text[start:end] for start, end in kept])
        self._starts = [start for start, _ in kept]
        self._positions = [0]
        for start, end in kept[:-1]:
            self._positions.append(self._positions[-1] + end - start)

    @property
    def whole(self) -> Span:
        """From the first to the last character."""
        return self.span(0, len(self.text))

    def origin(self, position: int) -> int:
        """The offset in the source of the character at `position` of the text."""
        piece = bisect_right(self._positions, position) - 1
        return self._starts[piece] + position - self._positions[piece]

    def span(self, start: int, end: int) -> Span:
        """The place of the characters `start` up to `end`; what was cut out between them is inside."""
        first = self.origin(start)
        return Span(self.source, first, self.origin(end - 1) + 1 if end > start else first)

    def position(self, offset: int) -> int:
        """Where the character at `offset` of the source stands in the text."""
        piece = max(0, bisect_right(self._starts, offset) - 1)
        return self._positions[piece] + offset - self._starts[piece]

    def pieces(self, start: int, end: int) -> list[tuple[int, int]]:
        """The offsets in the source of the characters `start` up to `end`."""
        found = []
        piece = bisect_right(self._positions, start) - 1
        while start < end:
            after = self._positions[piece + 1] if piece + 1 < len(self._positions) else end
            stop = min(end, after)
            first = self._starts[piece] + start - self._positions[piece]
            found.append((first, first + stop - start))
            start, piece = stop, piece + 1
        return found

    def part(self, start: int, end: int, cuts: Iterable[tuple[int, int]] = ()) -> ShellText:
        """The characters `start` up to `end` without the `cuts` (ascending, same counting)."""
        kept: list[tuple[int, int]] = []
        at = start
        for first, last in cuts:
            kept += self.pieces(at, first)
            at = last
        return ShellText(self.source, kept + self.pieces(at, end))
