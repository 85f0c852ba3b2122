"""Expansion and splitting of words, as BuildKit's shell lexer does it."""

from __future__ import annotations

import pytest

from dfguard.dockerfile.words import blank_words, expand, quoted_words, variables

ENV = {"A": "foo bar", "EMPTY": "", "PATHS": "a/b/c.tar.gz", "X": "aXbXc", "é": "letter"}


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("plain", "plain"),
        ("$A", "foo bar"),
        ("${A}x", "foo barx"),
        ("$A.$A", "foo bar.foo bar"),
        ("\\$A", "$A"),
        ("'$A'", "$A"),
        ('"$A"', "foo bar"),
        ('"\\$A \\" \\x"', '$A " \\x'),
        ("a\\ b", "a b"),
        ("a\\", "a"),
        ("$", "$"),
        ("$(x)", "$(x)"),
        ("$é", "letter"),
        ("${EMPTY:-d}", "d"),
        ("${EMPTY-d}", ""),
        ("${U:-d}", "d"),
        ("${U-d}", "d"),
        ("${U:-a ${A} b}", "a foo bar b"),
        ("${U:-${U:-${A}}}", "foo bar"),
        ("${A:+yes}", "yes"),
        ("${EMPTY:+yes}", ""),
        ("${EMPTY+yes}", "yes"),
        ("${U+yes}", ""),
        ("${A:?no}", "foo bar"),
        ("${EMPTY?no}", ""),
        ("${PATHS#*/}", "b/c.tar.gz"),
        ("${PATHS##*/}", "c.tar.gz"),
        ("${PATHS%.*}", "a/b/c.tar"),
        ("${PATHS%%.*}", "a/b/c"),
        ("${PATHS#?/}", "b/c.tar.gz"),
        ("${PATHS#x}", "a/b/c.tar.gz"),
        ("${X/X/-}", "a-bXc"),
        ("${X//X/-}", "a-b-c"),
        ("${X//X*/-}", "a-"),
        ("${PATHS//\\//-}", "a-b-c.tar.gz"),
        ("${X/y/z}", "aXbXc"),
        ("a<<b", "a<<b"),
    ],
)
def test_expand(raw: str, value: str) -> None:
    expanded = expand(raw, ENV.get)
    assert (expanded.value, expanded.unknown, expanded.error) == (value, (), "")


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


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ("'a", "a single quote is never closed"),
        ('"a', "a double quote is never closed"),
        ("${A", "${ is never closed"),
        ("${A:-b", "${ is never closed"),
        ("${", "${ is never closed"),
        ("${}", "bad substitution"),
        ("${{A}}", "bad substitution"),
        ("${A@Q}", "unsupported modifier (@) in substitution"),
        ("${A:#b}", "unsupported modifier (:#) in substitution"),
        ("${A:=b}", "unsupported modifier (:=) in substitution"),
        ("${A/b}", "a / is missing in ${}"),
        ("${U:?say why}", "U: say why"),
        ("${U?}", "U: is not allowed to be unset"),
        ("${EMPTY:?}", "EMPTY: is not allowed to be empty"),
        ("${A#\\q}", "invalid pattern (\\q) in substitution: invalid escape \\q"),
    ],
)
def test_what_buildkit_refuses(raw: str, error: str) -> None:
    expanded = expand(raw, ENV.get)
    assert (expanded.value, expanded.error) == (raw, error)


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
