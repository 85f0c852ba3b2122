"""What a fix would change, line by line, with secrets masked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dfguard.edit import Edit, Fix
from dfguard.source import Source


def changed_lines(fix: Fix, masked: Callable[[Source], str]) -> Iterator[str]:
    """The lines that the edits touch, `-` before those that go and `+` before those that come, by path.

    `masked` gives the text of a source to show, with every character in its place.
    """
    path = ""
    for edits in _by_lines(fix):
        source = edits[0].span.source
        if source.path != path:
            path = source.path
            yield path
        text = masked(source)
        start, end = _lines_of(edits, text)
        new, at = "", start
        for edit in edits:
            new += text[at : edit.span.start] + edit.text
            at = edit.span.end
        yield from (f"- {line}" for line in _lines(text[start:end]))
        yield from (f"+ {line}" for line in _lines(new + text[at:end]))


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def _by_lines(fix: Fix) -> Iterator[list[Edit]]:
    """The edits in order; those that touch one line together."""
    group: list[Edit] = []
    for edit in sorted(fix.edits, key=lambda edit: (edit.span.path, edit.span.start, edit.span.end)):
        if group and (group[-1].span.path != edit.span.path or group[-1].span.end_line < edit.span.start_line):
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _lines_of(edits: list[Edit], text: str) -> tuple[int, int]:
    """Where the lines that the edits touch start and end; nothing of them for whole lines that only come."""
    first, last = edits[0].span, edits[-1]
    start = first.source.line_starts[first.source.line_of(first.start) - 1]
    at = last.span.end
    if start == at and all(edit.text.endswith("\n") for edit in edits):
        return start, start
    ends_lines = at > start and text[at - 1] == "\n" and (last.text or "\n").endswith("\n")
    if ends_lines and (last.text or last.span.start == start or text[last.span.start - 1] == "\n"):
        return start, at
    behind = text.find("\n", at)
    return start, len(text) if behind < 0 else behind + 1
