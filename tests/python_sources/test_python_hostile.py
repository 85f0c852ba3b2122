"""Files that are made to crash or stall a parser, and random ones: a reason, never an exception or a wrong place."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from values import VALUES

from dfguard.python_sources.candidates import is_worth_reading
from dfguard.python_sources.find import find
from dfguard.python_sources.limits import refusal
from dfguard.python_sources.text import Unreadable, decode

LINE = f'password = "{VALUES["PASSWORD"]}"\n'
MANY = 3000
HOSTILE = {
    "parentheses": "x = " + "(" * MANY + ")" * MANY,
    "brackets": "x = " + "[" * MANY + "]" * MANY,
    "braces that do not close": "x = " + "{" * MANY,
    "minus": "x = " + "-" * MANY * 30 + "1",
    "not": "x = " + "not " * MANY + "1",
    "lambda": "x = " + "lambda: " * MANY + "1",
    "attributes": "x = a" + ".b" * MANY * 30,
    "calls": "x = a" + "()" * MANY,
    "sums": "x = " + "+".join(["a"] * MANY),
    "powers": "x = " + "**".join(["a"] * MANY),
    "ternaries": "x = " + "1 if a else " * MANY + "2",
    "elif": "if a: pass\n" + "elif a: pass\n" * MANY,
    "blocks": "".join(" " * n + "if a:\n" for n in range(MANY // 10)) + " " * (MANY // 10) + "pass",
    "a number of a million digits": "x = " + "9" * 900_000,
    "a line of 10 MB": "x = '" + "a" * 10_000_000 + "'",
    "f-strings": 'x = f"{' + "a." * MANY + 'b}"',
    "quotes that do not close": "x = '" + "\\'" * 300_000,
    "NUL": "x = '\0'",
    "a name of its own encoding": "# coding: rot13",
    "invalid escapes": "x = '\\d\\q'\n" * 100,
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_read_or_refused(source: str) -> None:
    try:
        find(decode("app.py", (source + "\n" + LINE).encode()))
    except Unreadable as error:
        assert str(error)


@pytest.mark.parametrize("data", [b"\xff\xfe" + LINE.encode("utf-16-le"), b"\x80password", b"\xef\xbb\xbf\xff", b""])
def test_bytes_that_are_no_text_are_refused(data: bytes) -> None:
    try:
        find(decode("app.py", data))
    except Unreadable as error:
        assert str(error)


def test_what_people_write_is_not_refused() -> None:
    nested = "x = " + "(" * 40 + ")" * 40 + "\n" + "y = " + " + ".join(["a"] * 200) + "\n"
    table = "T = {\n" + "".join(f"    'k{n}': a.b.c({n}, -1),\n" for n in range(5000)) + "}\n"
    text = 'z = f"({x}" + "[" + \'"\' + """\'(["""\n'
    assert [refusal(source) for source in (nested, table, text)] == [None] * 3


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    is_worth_reading(data)
    with contextlib.suppress(Unreadable):
        find(decode("app.py", data))


TEXT = st.text(st.characters(codec="utf-8", blacklist_characters="\0\\'\"\r\n{}\x0c"), max_size=20)


ENDS, MARKS = st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["", "\ufeff"])
QUOTES = st.sampled_from(["'", '"""'])


@given(TEXT, TEXT, ENDS, MARKS, QUOTES)
@settings(max_examples=100, deadline=None)
def test_places_hold_their_text_whatever_stands_around(before: str, after: str, end: str, bom: str, quote: str) -> None:
    value = VALUES["PASSWORD"]
    source = f"{bom}x = '{before}'; password = {quote}{value}{quote}; y = '{after}'{end}"
    (found,) = [each for each in find(decode("app.py", source.encode())).credentials if each.holder == "password"]
    assert found.span.text == value
    assert found.value.text == f"{quote}{value}{quote}"
