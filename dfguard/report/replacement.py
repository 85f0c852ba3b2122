"""A fix as one piece of text put in the place of another, for readers that know no fix of several edits."""

from __future__ import annotations

from functools import lru_cache

from dfguard.edit import Edit, Fix
from dfguard.source import BOM, Source, Span
from dfguard.struct import Struct


def merged(fix: Fix) -> Edit | None:
    """All edits of a fix as one, with what lies between them; None if they are in several files or there are none."""
    edits = sorted(set(fix.edits), key=lambda edit: (edit.span.start, edit.span.end))
    if not edits or len({edit.span.path for edit in edits}) > 1:
        return None
    source, at = edits[0].span.source, edits[0].span.start
    parts: list[str] = []
    for edit in edits:
        parts += (source.text[at : edit.span.start], edit.text)
        at = edit.span.end
    return Edit(source.span(edits[0].span.start, at), "".join(parts))


class Lines(Struct):
    """Whole lines `first` to `last` (from 1) to be replaced by `new`: lines without their ends, none to delete them."""

    source: Source
    first: int
    last: int
    new: tuple[str, ...]

    @property
    def span(self) -> Span:
        """The lines that are replaced, with their ends."""
        starts, text = self.source.line_starts, self.source.text
        return self.source.span(starts[self.first - 1], starts[self.last] if self.last < len(starts) else len(text))


def whole_lines(edit: Edit) -> Lines | None:
    """The lines that an edit changes, wholly; None where they can't say it.

    Suggestions of code review replace lines, never the end of the last one: those that change it can't be said,
    nor those in texts of several kinds of line ends, which the service makes one.
    """
    source, text = edit.span.source, edit.span.source.text
    end = _line_end(text)
    if end is None:
        return None
    start, stop = _extent(edit)
    new = text[start : edit.span.start] + edit.text + text[edit.span.end : stop]
    ended = text[start:stop].endswith("\n")
    if stop == start or (new.endswith("\n") or not new) != ended:
        return None
    rows = new.split("\n")
    if ended:
        rows.pop()  # what stands behind the last end
    if not _ends_alike(rows, end, ended) or _loses_bom(text, start, rows):
        return None
    first = source.line_of(start)
    told = tuple(row.removesuffix("\r") for row in rows)
    return None if told == ("",) and not ended else Lines(source, first, source.line_of(stop - 1), told)


def _extent(edit: Edit) -> tuple[int, int]:
    """Offsets of the lines that an edit touches; an insertion takes the line behind it along, or the one before."""
    source, text = edit.span.source, edit.span.source.text
    start = source.line_starts[source.line_of(edit.span.start) - 1]
    stop = edit.span.end
    new = text[start : edit.span.start] + edit.text
    if stop == start or text[stop - 1] != "\n" or (new and not new.endswith("\n")):
        behind = text.find("\n", stop)
        stop = len(text) if behind < 0 else behind + 1
    if start == stop == len(text) and start:
        start = source.line_starts[source.line_of(start - 1) - 1]
    return start, stop


@lru_cache(maxsize=4)  # many fixes are of one text
def _line_end(text: str) -> str | None:
    """How the lines of a text end, None for several ways."""
    pairs = text.count("\r\n")
    if pairs != text.count("\r"):
        return None
    return "\n" if not pairs else "\r\n" if pairs == text.count("\n") else None


def _ends_alike(rows: list[str], end: str, ended: bool) -> bool:
    """Whether all lines end as those of the text do; the last one has no end unless `ended`."""
    inner = rows if ended else rows[:-1]
    if end == "\n":
        return not any("\r" in row for row in rows)
    return all(row.endswith("\r") and row.count("\r") == 1 for row in inner) and (ended or "\r" not in rows[-1])


def _loses_bom(text: str, start: int, rows: list[str]) -> bool:
    """Whether the mark at the start of the text goes, or comes to lie elsewhere."""
    had = start == 0 and text.startswith(BOM)
    return had != bool(rows and rows[0].startswith(BOM)) or any(BOM in row for row in rows[1:])
