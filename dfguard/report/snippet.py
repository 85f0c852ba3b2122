"""Source lines with marks under exact spans, as rustc and zizmor draw them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dfguard.report.cells import cells, width
from dfguard.source import BOM, Source, Span
from dfguard.struct import Struct

MAX_LINES = 4  # of a span; what lies between the first two and the last is left out

Paint = Callable[[str, str], str]


class Style(Struct):
    """How a report looks: `paint(part, text)` colours a part, `unicode` allows more than ASCII.

    `width` is the number of cells that a source line may take.
    """

    paint: Paint
    unicode: bool
    width: int

    @property
    def ellipsis(self) -> str:
        """What stands for text that is left out."""
        return "…" if self.unicode else "..."


class Mark(Struct):
    """A span to show with a word on it; `part` names its colour, `main` marks get `^`, others `-`."""

    span: Span
    label: str
    part: str
    main: bool

    @property
    def sign(self) -> str:
        """The character that underlines it."""
        return "^" if self.main else "-"


def draw(marks: Sequence[Mark], masked: str, gutter: int, style: Style) -> list[str]:
    """The lines of one file that hold the marks, with line numbers in a gutter of that many cells.

    `masked` is the text of the source with secrets masked in place.
    """
    source = marks[0].span.source
    barred = _barred(marks)
    plain = [mark for mark in marks if mark not in barred]
    lines = _Lines(source, masked, gutter, style, bars=bool(barred))
    shown = {mark.span.start_line for mark in plain}.union(*(_shown_lines(mark.span) for mark in barred))
    shown |= {line + 1 for line in shown if line + 2 in shown}  # a line is no longer than the dots for it
    last = 0
    for line in sorted(shown):
        if last and line > last + 1:
            lines.skip(any(mark.span.start_line < line <= mark.span.end_line for mark in barred))
        bar = next((mark for mark in barred if mark.span.start_line <= line <= mark.span.end_line), None)
        lines.add(line, [mark for mark in plain if mark.span.start_line == line], bar)
        last = line
    return lines.out


def _barred(marks: Sequence[Mark]) -> list[Mark]:
    """The marks over several lines that get a bar: those that overlap none before them."""
    chosen: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (not mark.main, mark.span.start)):
        first, last = mark.span.start_line, mark.span.end_line
        if first < last and all(last < o.span.start_line or o.span.end_line < first for o in chosen):
            chosen.append(mark)
    return chosen


def _shown_lines(span: Span) -> set[int]:
    first, last = span.start_line, span.end_line
    return set(range(first, last + 1)) if last - first < MAX_LINES else {first, first + 1, last}


class _Lines:
    """Draws line after line into `out`."""

    def __init__(self, source: Source, masked: str, gutter: int, style: Style, *, bars: bool) -> None:
        self.out: list[str] = []
        self._source = source
        self._masked = masked
        self._gutter = gutter
        self._style = style
        self._bars = bars

    def skip(self, inside: bool) -> None:
        """Lines left out, inside or outside of a mark with a bar."""
        dots = "...".ljust(self._gutter + 3) if inside else "..."
        self.out.append(self._style.paint("frame", dots) + ("|" if inside else ""))

    def add(self, line: int, marks: Sequence[Mark], bar: Mark | None) -> None:
        """One source line with the marks that start on it, and maybe the bar of a longer one."""
        start, end = self._extent(line)
        spans = [(mark, max(mark.span.start, start), min(max(mark.span.end, start), end)) for mark in marks]
        spans.sort(key=lambda span: (not span[0].main, span[1]))
        if bar is not None and bar.span.end_line == line:
            stop = min(max(bar.span.end, start + 1), end)
            spans.append((bar, max(start, stop - 1), stop))
        groups = [spans] if self._fits(start, end) else [[span] for span in spans]
        for group in groups or [[]]:
            window = _Window(self._masked, start, end, group[0][1:] if group else (start, start), self._style)
            opens = bar is not None and bar.span.start_line == line
            self._row(str(line), bar, "/" if opens else "|", " " + window.text)
            for mark, at, stop in group:
                blanks, size = window.place(at, stop)
                if mark is bar:
                    self._row("", bar, "|", self._underline(bar, "_" * (blanks + size) + bar.sign))
                else:
                    under = " " * (blanks + 1) + self._underline(mark, mark.sign * size)
                    self._row("", bar, " " if opens else "|", under)

    def _fits(self, start: int, end: int) -> bool:
        room = self._style.width
        return (
            end - start <= room and width("".join(cells(self._masked[start:end], unicode=self._style.unicode))) <= room
        )

    def _extent(self, line: int) -> tuple[int, int]:
        """Where a line starts and ends, without BOM and line end."""
        starts, text = self._source.line_starts, self._source.text
        start = starts[line - 1]
        end = starts[line] - 1 if line < len(starts) else len(text)
        if end > start and text[end - 1] == "\r":
            end -= 1
        return start + (line == 1 and text.startswith(BOM)), end

    def _underline(self, mark: Mark, signs: str) -> str:
        return self._style.paint(mark.part, f"{signs} {mark.label}".rstrip())

    def _row(self, number: str, bar: Mark | None, sign: str, text: str) -> None:
        frame = self._style.paint("frame", f"{number:>{self._gutter}} |")
        margin = f" {self._style.paint(bar.part, sign) if bar else ' '}" if self._bars else ""
        self.out.append(f"{frame}{margin}{text}".rstrip())


class _Window:
    """The part of a line that fits into the style's width, around a span that matters."""

    def __init__(self, text: str, start: int, end: int, focus: tuple[int, int], style: Style) -> None:
        room = style.width
        low = max(start, focus[0] - room)
        high = min(end, focus[0] + 2 * room)
        shown = cells(text[low:high], unicode=style.unicode)
        first, last = self._cut(shown, focus[0] - low, focus[1] - low, room)
        self._before = style.ellipsis if low + first > start else ""
        self._after = style.ellipsis if low + last < end else ""
        self._first = low + first
        self._shown = shown[first:last]
        self.text = self._before + "".join(self._shown) + self._after

    @staticmethod
    def _cut(shown: list[str], focus: int, focus_end: int, room: int) -> tuple[int, int]:
        """Which cells to show: from the start of the line if the focus fits there, else from shortly before it."""
        widths = [width(cell) for cell in shown]
        first = 0
        if sum(widths[:focus_end]) > room:
            first = max(0, focus - room // 4)
        last, used = first, 0
        while last < len(shown) and used + widths[last] <= room:
            used += widths[last]
            last += 1
        return first, last

    def place(self, start: int, end: int) -> tuple[int, int]:
        """How many cells stand before a span, and how many it takes (at least one)."""
        at, stop = max(0, start - self._first), max(0, end - self._first)
        before = sum(width(cell) for cell in self._shown[:at])
        return len(self._before) + before, max(1, sum(width(cell) for cell in self._shown[at:stop]))


def by_source(marks: Sequence[Mark]) -> Iterator[list[Mark]]:
    """The marks of each file, the file of the first mark first."""
    groups: dict[str, list[Mark]] = {}
    for mark in marks:
        groups.setdefault(mark.span.path, []).append(mark)
    yield from groups.values()
