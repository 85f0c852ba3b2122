"""Edits apply wholly, in any order, and never over one another."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfguard.edit import Edit, Fix, Gone, OverlapError, apply
from dfguard.source import Source

SOURCE = Source("f", "0123456789")


def edit(start: int, end: int, text: str) -> Edit:
    return Edit(SOURCE.span(start, end), text)


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([], "0123456789"),
        ([edit(2, 4, "ab")], "01ab456789"),
        ([edit(0, 10, "")], ""),
        ([edit(0, 0, "<"), edit(10, 10, ">")], "<0123456789>"),
        ([edit(2, 4, "a"), edit(4, 6, "b")], "01ab6789"),
        ([edit(4, 4, "+"), edit(2, 4, "a"), edit(4, 6, "b")], "01a+b6789"),
        ([edit(5, 5, "+"), edit(5, 5, "+")], "01234+56789"),
        ([edit(2, 4, "a"), edit(2, 4, "a")], "01a456789"),
    ],
)
def test_apply(edits: list[Edit], expected: str) -> None:
    for order in itertools.permutations(edits):
        assert apply(SOURCE, order) == expected


@pytest.mark.parametrize(
    "edits",
    [
        [edit(2, 5, "a"), edit(4, 6, "b")],
        [edit(2, 5, "a"), edit(2, 5, "b")],
        [edit(2, 8, "a"), edit(4, 5, "")],
        [edit(3, 3, "a"), edit(3, 3, "b")],
        [edit(2, 5, "a"), edit(3, 3, "b")],
    ],
)
def test_overlaps_are_refused(edits: list[Edit]) -> None:
    for order in itertools.permutations(edits):
        with pytest.raises(OverlapError, match=r"f: two edits at offset \d"):
            apply(SOURCE, order)


def test_edits_of_other_files_are_left_out() -> None:
    other = Source("g", "0123456789")
    assert apply(SOURCE, [Edit(other.span(0, 5), "x"), edit(0, 1, "y")]) == "y123456789"


def test_surrogates_byte_order_marks_and_line_ends_stay() -> None:
    text = Source("f", "\ufeffé\r\n\udcff\n")
    assert apply(text, [Edit(text.span(4, 4), "x")]) == "\ufeffé\r\nx\udcff\n"


@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10), st.text("xy", max_size=2)), max_size=4))
def test_edits_that_do_not_touch_apply_one_after_the_other(raw: list[tuple[int, int, str]]) -> None:
    edits = [edit(min(a, b), max(a, b), text) for a, b, text in raw]
    try:
        whole = apply(SOURCE, edits)
    except OverlapError:
        return
    text = SOURCE.text
    for each in sorted({(e.span.start, e.span.end, e.text) for e in edits}, reverse=True):
        text = text[: each[0]] + each[2] + text[each[1] :]
    assert whole == text


def test_shorthands() -> None:
    word = SOURCE.span(2, 4)
    changes = {
        Edit.replace(word, "ab"): "01ab456789",
        Edit.after(word, "+"): "0123+456789",
        Edit.before(word, "+"): "01+23456789",
        Edit.delete(word): "01456789",
    }
    for change, expected in changes.items():
        assert apply(SOURCE, [change]) == expected


def test_kinds_of_fixes() -> None:
    change = edit(0, 1, "x")
    assert Fix.identical("t", change, change) == Fix("t", "identical", (change, change))
    assert Fix.unsafe("t", change) == Fix("t", "unsafe", (change,))
    assert Fix.declared("t", change, differences=[Gone("/x/**")]).differences == (Gone("/x/**"),)
