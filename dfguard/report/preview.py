"""What a fix would change, line by line, with secrets masked."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dfguard.edit import Fix
from dfguard.source import Source


def changed_lines(fix: Fix, masked: Callable[[Source], str]) -> Iterator[str]:
    """The lines of each edit, `-` before those that go and `+` before those that come; `masked` keeps offsets."""
    path = ""
    for edit in sorted(fix.edits, key=lambda edit: (edit.span.path, edit.span.start)):
        source, span = edit.span.source, edit.span
        if span.path != path:
            path = span.path
            yield path
        text = masked(source)
        start = source.line_starts[source.line_of(span.start) - 1]
        behind = text.find("\n", span.end)
        whole = span.start == span.end == start and edit.text.endswith("\n")
        end = start if whole else len(text) if behind < 0 else behind
        if not whole:
            yield from (f"- {line}" for line in text[start:end].split("\n"))
        new = text[start : span.start] + edit.text + text[span.end : end]
        yield from (f"+ {line}" for line in (new.removesuffix("\n") if whole else new).split("\n"))
