"""Expansion and splitting of words, as BuildKit's shell lexer does it."""

from __future__ import annotations

import pytest
from words_table import CASES, ENVIRONMENT, Case

from dfguard.dockerfile.words import blank_words, expand, quoted_words, variables

ENV = {"A": "foo bar", "EMPTY": "", "PATHS": "a/b/c.tar.gz", "X": "aXbXc", "é": "letter"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.raw))
def test_the_table(case: Case) -> None:
    expanded = expand(case.raw, ENVIRONMENT.get, case.escape)
    assert (expanded.error, expanded.unknown) == (case.error, case.unset)
    assert expanded.value == (case.raw if case.value is None else case.value)


def test_the_table_is_large() -> None:
    assert len(CASES) >= 150
    assert len({(case.raw, case.escape) for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("a\\", "a"),  # in a Dockerfile it would continue the line
        ('"a\\', '"a\\'),
        ("\udce9", "\ufffd"),
        ("'\udce9$A'", "\ufffd$A"),
        ("\ufeffa", "a"),
        ("a\ufeff", "a\ufeff"),
        ("${X#\ufeffa}", "XbXc"),
        ("${X//X/'${0}$9$$'}", "aX$bX$c"),
        ("${X//X/'${'}", "a${b${c"),
        ("${X//b/\u00e9}", "aX\u00e9Xc"),
    ],
)
def test_expand(raw: str, value: str) -> None:
    assert expand(raw, ENV.get).value == value


def test_a_backslash_at_the_end_of_a_pattern() -> None:
    """The builder turns the pattern of a suffix around, where it comes to stand before the `?`."""
    assert expand("${B%?\\}", {"B": "a?"}.get, "`").value == "a"
    assert expand("${B#?\\}", {"B": "a?"}.get, "`").error.startswith("invalid pattern")


@pytest.mark.parametrize(
    ("raw", "value", "unknown"),
    [
        ("$U", "", ("U",)),
        ("a${U}b$V$U", "ab", ("U", "V")),
        ("$1$@", "", ("1", "@")),
        ("${U:-$V}", "", ("V",)),
        ("${A:-$V}", "foo bar", ()),
        ("${U:+$V}", "", ()),
        ("${A+$V}", "", ("V",)),
        ("${U#x}", "", ("U",)),
        ("${U/a/b}", "", ("U",)),
    ],
)
def test_unknown_variables(raw: str, value: str, unknown: tuple[str, ...]) -> None:
    expanded = expand(raw, ENV.get)
    assert (expanded.value, expanded.unknown) == (value, unknown)


@pytest.mark.parametrize(
    ("raw", "value"), [("${G:-d}", "d"), ("${G-d}", "d"), ("${G+d}", ""), ("${G?d}", ""), ("$G", "")]
)
def test_a_value_that_only_the_builder_knows(raw: str, value: str) -> None:
    expanded = expand(raw, ENV.get, given=lambda name: name == "G")
    assert (expanded.value, expanded.unknown, expanded.error) == (value, ("G",), "")


def test_escape_character() -> None:
    assert expand("C:\\dir`$A$A", ENV.get, "`").value == "C:\\dir$Afoo bar"


def test_heredoc_bodies_keep_quotes() -> None:
    assert expand("'$A' \"\\$A\"", ENV.get, quotes=False).value == "'foo bar' \"$A\""


def test_values_that_explode() -> None:
    huge = "x" * 60_000
    assert "too long" in expand("$A" * 100, {"A": huge}.get).error


def test_variables() -> None:
    raw = "a${B:-$C}'$D'\\$E\"$F\"$$ ${G/x/y}"
    found = variables(raw)
    assert [(use.name, raw[use.start : use.end], use.modifier) for use in found] == [
        ("B", "${B:-$C}", ":-"),
        ("C", "$C", ""),
        ("F", "$F", ""),
        ("$", "$$", ""),
        ("G", "${G/x/y}", "/"),
    ]


def test_variables_up_to_a_syntax_error() -> None:
    assert [use.name for use in variables("$A ${B@Q} $C")] == ["A"]
    assert [use.name for use in variables("$A` $B", "`")] == ["A", "B"]
    assert variables("none") == ()


@pytest.mark.parametrize(
    ("text", "escape", "words"),
    [
        ("a  b\tc", "\\", ["a", "b", "c"]),
        ("a='b c' d", "\\", ["a='b c'", "d"]),
        ('a="b\\" c" d', "\\", ['a="b\\" c"', "d"]),
        ("a='b\\' c", "\\", ["a='b\\'", "c"]),
        ("a\\ b c", "\\", ["a\\ b", "c"]),
        ("a\\ b` c", "`", ["a\\", "b` c"]),
        ("a \\", "\\", ["a"]),
        ('a "b', "\\", ["a", '"b']),
        ("\"\" ''", "\\", ['""', "''"]),
        ("a\u00a0b", "\\", ["a", "b"]),
        ("", "\\", []),
    ],
)
def test_quoted_words(text: str, escape: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in quoted_words(text, 0, len(text), escape)] == words


def test_blank_words() -> None:
    text = "a 'b c'\td\u00a0e"
    assert [text[start:end] for start, end in blank_words(text, 0, len(text))] == ["a", "'b", "c'", "d\u00a0e"]
