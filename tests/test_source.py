"""Offsets, lines and columns, in characters, UTF-8 bytes and UTF-16 units."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfguard import source as module
from dfguard.errors import EXIT_SYNTAX, EXIT_USAGE, InputError, SyntaxRefused
from dfguard.source import BOM, Source, Span

MIXED = f"{BOM}FROM a\r\nRUN é\n\n日本 😀x\udcff!\nlast"


def source(text: str = MIXED) -> Source:
    return Source("Dockerfile", text)


@pytest.mark.parametrize(
    ("piece", "line", "column", "byte_column", "utf16_column"),
    [
        ("FROM", 1, 1, 1, 0),
        ("a\r", 1, 6, 6, 5),
        ("RUN", 2, 1, 1, 0),
        ("é", 2, 5, 5, 4),
        ("\n\n日", 2, 6, 7, 5),
        ("日", 4, 1, 1, 0),
        ("本", 4, 2, 4, 1),
        ("😀", 4, 4, 8, 3),
        ("x\udcff", 4, 5, 12, 5),
        ("\udcff", 4, 6, 13, 6),
        ("!", 4, 7, 14, 7),
        ("last", 5, 1, 1, 0),
    ],
)
def test_places(piece: str, line: int, column: int, byte_column: int, utf16_column: int) -> None:
    text = source()
    offset = MIXED.index(piece)
    assert text.line_of(offset) == line
    assert text.column_of(offset) == column
    assert text.byte_column_of(offset) == byte_column
    assert text.utf16_column_of(offset) == utf16_column
    assert text.offset_of(line, column) == offset


def test_a_byte_order_mark_has_no_width() -> None:
    text = source(f"{BOM}ab")
    assert [text.column_of(offset) for offset in range(4)] == [1, 1, 2, 3]
    assert [text.byte_column_of(offset) for offset in range(4)] == [1, 1, 2, 3]
    assert [text.utf16_column_of(offset) for offset in range(4)] == [0, 0, 1, 2]
    assert (text.line_text(1), text.offset_of(1, 1)) == ("ab", 1)
    assert source(f"a\n{BOM}b").column_of(3) == 2, "only at the start of the file is it a mark"


def test_lines_end_at_line_feeds_only() -> None:
    text = source("a\rb\x0bc\u2028d\r\ne")
    assert text.line_starts == [0, 9]
    assert [text.line_text(line) for line in (1, 2)] == ["a\rb\x0bc\u2028d", "e"]


def test_the_end_of_the_text_has_a_place() -> None:
    assert (source("a\n").line_of(2), source("a\n").column_of(2), source("a\n").line_text(2)) == (2, 1, "")
    assert (source("").line_of(0), source("").column_of(0), source("").line_text(1)) == (1, 1, "")
    assert source("abc\nd").offset_of(1, 99) == 3


texts = st.text(st.sampled_from(["a", "é", "日", "😀", "\udc80", "\t", "\r", "\n", BOM]), max_size=30)


@given(texts)
def test_every_offset_survives_the_way_to_a_line_and_column_and_back(text: str) -> None:
    made = source(text)
    for offset in range(len(text) + 1):
        line, column = made.line_of(offset), made.column_of(offset)
        back = made.offset_of(line, column)
        beyond = text[back:offset]
        assert back <= offset or text.startswith(BOM)
        assert set(beyond) <= {"\r"}, "only the line end itself has no column"


@given(texts)
def test_columns_agree_with_the_encodings(text: str) -> None:
    made = source(text)
    for offset in range(len(text) + 1):
        before = text[made.line_starts[made.line_of(offset) - 1] : offset]
        if made.line_of(offset) == 1:
            before = before.removeprefix(BOM)
        assert made.column_of(offset) == len(before) + 1
        assert made.byte_column_of(offset) == len(before.encode("utf-8", "surrogateescape")) + 1
        assert made.utf16_column_of(offset) == sum(2 if ord(char) > 0xFFFF else 1 for char in before)


@given(st.binary(max_size=60))
def test_bytes_come_back_as_they_were(data: bytes) -> None:
    if b"\0" in data or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        with pytest.raises(SyntaxRefused):
            Source.from_bytes("f", data)
    else:
        assert Source.from_bytes("f", data).data == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("FROM a".encode("utf-16"), "f: is UTF-16 or UTF-32 text; BuildKit expects UTF-8: save the file as UTF-8"),
        (b"\xfe\xff\0F", "f: is UTF-16 or UTF-32 text; BuildKit expects UTF-8: save the file as UTF-8"),
        (b"FROM a\nRUN \0\n\0", "f: line 2: holds a NUL byte; expected a text file in UTF-8"),
    ],
)
def test_refused_bytes(data: bytes, message: str) -> None:
    with pytest.raises(SyntaxRefused) as caught:
        Source.from_bytes("f", data)
    assert (str(caught.value), caught.value.exit_code) == (message, EXIT_SYNTAX)


def test_files_that_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 1000)
    assert len(Source.from_bytes("f", b"x" * 1000).text) == 1000
    with pytest.raises(InputError, match="f: is 1,001 bytes large; expected at most 1,000") as caught:
        Source.from_bytes("f", b"x" * 1001)
    assert (caught.value.exit_code, caught.value.reason) == (EXIT_USAGE, "is 1,001 bytes large; expected at most 1,000")


# -- spans


def test_spans() -> None:
    text = source("FROM a\nRUN b \\\n  c\n")
    run = text.span(7, 18)
    assert (run.text, run.path, run.start_line, run.end_line) == ("RUN b \\\n  c", "Dockerfile", 2, 3)
    assert (run.sub(4, 5).text, run.sub(4, 5).to(run.sub(10, 11)).text) == ("b", "b \\\n  c")
    assert (text.whole.text, text.span(7, 7).end_line, run.span) == (text.text, 2, run)
    assert run.contains(run) and run.contains(run.sub(0, 1)) and not run.sub(0, 1).contains(run)
    assert not run.contains(Source("other", text.text).span(7, 8))
    assert (repr(run), repr(text)) == (
        "Span(Dockerfile:2, 'RUN b \\\\\\n  c')",
        "Source('Dockerfile', 19 characters)",
    )


def test_equal_spans() -> None:
    one, same, other = source("abc"), source("abc"), Source("x", "abc")
    assert one.span(0, 1) == one.span(0, 1) == same.span(0, 1)
    assert hash(one.span(0, 1)) == hash(same.span(0, 1))
    assert one.span(0, 1) != one.span(0, 2)
    assert one.span(0, 1) != other.span(0, 1)
    assert one.span(0, 1) != source("abd").span(0, 1)
    assert one.span(0, 1) != (one, 0, 1)
    assert pickle.loads(pickle.dumps(one.span(1, 2))) == one.span(1, 2)


def test_spans_in_patterns() -> None:
    match source("abc").span(1, 2):
        case Span(_, 1, end):
            assert end == 2
        case _:
            pytest.fail("no match")
