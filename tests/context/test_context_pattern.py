"""Single patterns: what matches, in which time. The verdicts were asked from moby's own matcher."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfguard.context import automaton, glob
from dfguard.context.goregex import MalformedExpression, negated, read_alternatives
from dfguard.context.index import PatternIndex
from dfguard.context.pattern import (
    STAR,
    MalformedPattern,
    alternatives_of,
    compile_pattern,
    fault_of,
    first_fault,
    python_expression,
)

VERDICTS = [
    ("a^b", "a^b", "ab"),
    ("^a*", "ab a", "^ab"),
    ("*^a", "a", "xa"),
    ("a.c", "a.c", "abc"),
    ("**", "a a/b \n", ""),
    ("**x", "x yx a/x a/yx", "xy"),
    ("**/x", "x a/x", "yx a/yx"),
    ("a**", "a ab a/b", "b"),
    ("a/**", "a/b a/b/c", "a ab"),
    ("a/**/b", "a/b a/x/b a/x/y/b", "a/xb"),
    ("***", "a a/b", ""),
    ("a**b", "ab a/b ax/b", "axb"),
    ("[^x]", "a /", "x"),
    ("[a*]", "] a] [^/]", "a *"),  # the class swallows half of what the star becomes
    ("[a?]", "a] ^]", "a b"),
    ("[[:digit:]]x", "1x", "ax :x"),
    ("\\*", "*", "a"),
    ("\\d\\D", "1a", "a1 11"),
    ("*\\w", "a b_", "- b-"),
    ("x\\s", "x\t", "x\v"),
    ("\\x41\\102*", "AB ABc", "x41"),
    ("\\x{41}*", "A Ab", "x"),
    ("\\101*", "A Ab", "101"),
    ("\\Qa\\E?", "ab", "a Qab"),
    ("*\\ba", "a -a", "xa"),
    ("*\\Ba", "xa", "a -a"),
    ("\\Aa*", "ab", "ba"),
    ("\\pLu*", "éu au Lu1", "1u"),
    ("\\p{Lu}*", "Ab É", "ab é"),
    ("\\PL*", "1a", "a1"),
    ("a|b*", "a ax xb xbc", "xc"),  # moby means to escape `|`, `{` and `}`, and doesn't
    ("*.{js,ts}", "a.{js,ts}", "a.js"),
    ("*a{2}", "aa baa", "a{2} ba"),
    ("*a{0,1}b", "ab xb xaab", "a"),
    ("*ab{1,}", "ab abbb", "a"),
    ("a*b\\", "axb$", "axb axb\\"),
    ("caf?", "café caf\udce9", "caf"),
    ("*\ufffd", "caf\ufffd caf\udce9", "cafe"),
    ("[\uff00-\uffff]*", "\uff00 \udce9", "a"),
]


@pytest.mark.parametrize(("pattern", "hits", "misses"), VERDICTS)
def test_match(pattern: str, hits: str, misses: str) -> None:
    match = compile_pattern(pattern).match
    assert [path for path in filter(None, hits.split(" ")) if not match(path)] == []
    assert [path for path in filter(None, misses.split(" ")) if match(path)] == []


def test_line_feeds() -> None:
    assert compile_pattern("*x").match("a\nx")
    assert not compile_pattern("a**/x*").match("a\n/x")
    assert compile_pattern("**/x").match("a\n/x")  # a suffix test, no expression


@pytest.mark.parametrize(
    "pattern", ["\\q*", "*\\8", "*\\1", "*\\x4", "*\\C", "*\\é", "*\\pQ", "*[b-a]", "*[[:x:]]", "*a{1001}"]
)
def test_fault(pattern: str) -> None:
    compiled = compile_pattern(pattern)
    assert compiled.fault
    assert python_expression(pattern) == "(?!)"
    with pytest.raises(MalformedPattern, match="malformed pattern"):
        compiled.match("a")


@pytest.mark.parametrize("expression", ["^a|{2}$", "^[a", "^a{2}{3}$", "^a{3,2}$"])
def test_go_refuses(expression: str) -> None:
    with pytest.raises(MalformedExpression):
        read_alternatives(expression)


def test_repeats_are_bounded() -> None:
    with pytest.raises(MalformedExpression, match="too large"):
        read_alternatives("^" + "a{1000}" * 101 + "$")


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 60 + "*b", "a" * 4000),
        ("**/a" * 60 + "/b", "a/" * 2000 + "c"),
        ("*?" * 60 + "b", "a" * 4000),
        ("**/a/**", "a/" * 2000 + "\n"),
        ("[a-z]" * 50 + "*[a-z]*[a-z]*[^a]", "a" * 4000),
        ("*" * 20_000 + "b", "a" * 4000 + "c"),
        ("a|" * 200 + "*a*a*a*b", "a" * 2000),
        ("*" + "a{0,500}" * 4 + "b*", "a" * 2000),
    ],
    ids=lambda text: text[:12],
)
def test_linear_time(pattern: str, path: str) -> None:
    """`re` alone would need years for most of these."""
    match = compile_pattern(pattern).match
    match(path)


def test_copy_globs_in_linear_time() -> None:
    assert not glob.read("*a" * 60 + "*b").matches("a" * 4000)


@given(st.text("ab/*?[]^-\\d|{2}.", max_size=7), st.lists(st.text("ab/\n-1.{", max_size=8), max_size=5))
def test_engines_agree(pattern: str, paths: list[str]) -> None:
    """The quick way, the automaton, the index and Python's own reading of the expression."""
    compiled = compile_pattern(pattern)
    if compiled.fault:
        return
    reference = re.compile(python_expression(pattern))
    machines = [automaton.Automaton(steps) for steps in alternatives_of(pattern)]
    index = PatternIndex([(0, compiled)])
    for path in paths:
        expected = reference.fullmatch(path) is not None
        assert bool(compiled.match(path)) == expected
        if compiled.shape is None or compiled.shape.kind == STAR:  # for the others moby makes no expression
            assert any(machine.match(path) for machine in machines) == expected
        folder, _, name = path.rpartition("/")
        assert bool(index.matching(folder, name, path)) == expected


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)).map(sorted), max_size=6))
def test_negation(pairs: list[list[int]]) -> None:
    ranges = tuple((low, high) for low, high in pairs)
    inside = {code for low, high in ranges for code in range(low, high + 1)}
    outside = {code for low, high in negated(ranges) for code in range(low, min(high, 400) + 1)}
    assert outside == set(range(401)) - inside


@pytest.mark.parametrize(
    ("pattern", "path", "verdict"),
    [
        ("abc", "abc", True),
        ("*", "abc", True),
        ("*c", "abc", True),
        ("a*", "ab/c", False),
        ("a*/b", "a/b", True),
        ("a*/b", "a/c/b", False),
        ("a*b*c*d*e*/f", "axbxcxdxexxx/f", True),
        ("a*b?c*x", "abxbbxdbxebxczzx", True),
        ("a*b?c*x", "abxbbxdbxebxczzy", False),
        ("ab[c]", "abc", True),
        ("ab[^e-g]", "abc", True),
        ("ab[^b-d]", "abc", False),
        ("a\\*b", "a*b", True),
        ("a?b", "a/b", False),
        ("[\\]a]", "]", True),
        ("[!a]", "b", False),
        ("*x", "xxx", True),
        ("a[", "a", None),
        ("a[", "x", None),  # the first chunk is read to its end
        ("x*[", "y", False),  # the second one is not reached
        ("[]a]", "]", None),
        ("[-]", "-", None),
        ("[x-]", "x", None),
        ("[", "a", None),
        ("a\\", "a", None),
    ],
)
def test_copy_glob(pattern: str, path: str, verdict: bool | None) -> None:
    """Go's own examples of filepath.Match; None for ErrBadPattern."""
    compiled = glob.read(pattern)
    assert compiled.matches(path) is (verdict is True)
    assert compiled.faulty_on(path) is (verdict is None)


@pytest.mark.parametrize(
    ("segment", "wild"), [("a*", True), ("\\*", False), ("[x]", True), ("a?", True), ("a]", False)]
)
def test_wildcards_of_copy(segment: str, wild: bool) -> None:
    assert glob.has_wildcard(segment) is wild


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("[a-b-c]", "a `-` in `[...]` stands where a character is expected (`\\-` is one)"),
        ("[-a]", "a `-` in `[...]` stands where a character is expected (`\\-` is one)"),
        ("[]a]", "there is nothing in `[]`"),
        ("[a-]", "a range in `[...]` has no end"),
        ("[abc", "`[` is not closed"),
        ("[^", "`[` is not closed"),
        ("[ab]x[", "`[` is not closed"),
    ],
)
def test_what_is_wrong_with_a_bracket_is_said(pattern: str, why: str) -> None:
    assert first_fault(pattern) in (why, "")
    assert fault_of(pattern) == why
