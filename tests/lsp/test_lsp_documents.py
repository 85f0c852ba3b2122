"""Texts stay those of the editor, and columns are right, in every encoding."""

from __future__ import annotations

import os
import random
import tracemalloc

import pytest
from lsprotocol import types

from dfguard.lsp.documents import Document
from dfguard.lsp.positions import ENCODINGS, Lines, Ruler
from dfguard.source import Source

PIECES = ("a", "FROM x", "\n", "\r\n", "\r", "\t", "😀", "漢字", "é", "\u2028", "\x0b", "\x85", "", "# c\n", "\ufeff")
EDITS = 10_000 if os.environ.get("DFGUARD_FULL") else 1_500


def naive_position(text: str, offset: int, encoding: str) -> tuple[int, int]:
    """Line and character as the protocol says, one character after another."""
    line = start = at = 0
    while at < offset:
        end = 2 if text[at : at + 2] == "\r\n" else 1
        if text[at] in "\r\n" and at + end <= offset:
            line, start = line + 1, at + end
        at += end
    before = text[start:offset]
    size = {"utf-8": lambda t: len(t.encode()), "utf-16": lambda t: len(t.encode("utf-16-le")) // 2, "utf-32": len}
    return line, size[encoding](before)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_random_edits_leave_the_text_that_the_client_has(encoding: str) -> None:
    rng = random.Random(f"edits {encoding}")
    text = "FROM debian\n"
    document = Document("file:///x/Dockerfile", "/x/Dockerfile", "dockerfile", 0, text)
    tracemalloc.start()
    held = []
    for number in range(EDITS):
        start, end = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        end = min(end, start + rng.randrange(12))
        start, end = (at - (text[at - 1 : at + 1] == "\r\n") for at in (start, end))
        new = "" if len(text) > 400 else "".join(rng.choice(PIECES) for _ in range(rng.randrange(4)))
        first, last = (types.Position(*naive_position(text, at, encoding)) for at in (start, end))
        text = text[:start] + new + text[end:]
        change = types.TextDocumentContentChangePartial(types.Range(first, last), new)
        document = document.changed(number, [change], encoding)
        assert document.text == text
        if number % (EDITS // 5) == 0:
            held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert held[-1] - held[1] < 500_000


LINE = "RUN echo 😀 漢字\té && sudo ls"


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 27), ("utf-16", 20), ("utf-32", 19)])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_columns_count_units_of_the_encoding(encoding: str, column: int, end: str) -> None:
    source = Source("Dockerfile", f"FROM x{end}{LINE}{end}")
    start = source.text.index("sudo")
    place = Ruler(encoding, lambda path: True).range(source.span(start, start + 4))
    assert (place.start.line, place.start.character) == (1, column)
    assert (place.end.line, place.end.character) == (1, column + 4)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_places_and_offsets_fit(encoding: str) -> None:
    text = "".join(PIECES) * 3
    lines = Lines(text, encoding)
    for offset in range(len(text) + 1):
        place = lines.position(offset)
        if text[offset - 1 : offset + 1] != "\r\n":
            assert (place.line, place.character) == naive_position(text, offset, encoding)
            assert lines.offset(place) == offset


def test_a_byte_order_mark_has_no_width_on_disk_only() -> None:
    source = Source("Dockerfile", "\ufeffFROM x\n")
    span = source.span(1, 5)
    assert Ruler("utf-16", lambda path: False).range(span).start.character == 0
    assert Ruler("utf-16", lambda path: True).range(span).start.character == 1
