"""What broken JSON forms were meant to be."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfguard.dockerfile.jsonrepair import repair
from dfguard.edit import apply
from dfguard.source import Source


def repaired(text: str, escape: str = "\\") -> str | None:
    source = Source("Dockerfile", text)
    edits = repair(source.whole, escape)
    return None if edits is None else apply(source, edits)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("['a', 'b']", '["a", "b"]'),
        ("['a']", '["a"]'),
        ('["a", "b",]', '["a", "b"]'),
        ('["a", "b"', '["a", "b"]'),
        ('["a", "b",', '["a", "b"]'),
        ('["a" "b"  "c"]', '["a", "b",  "c"]'),
        ('["a",, "b"]', '["a", "b"]'),
        ("[a, b]", '["a", "b"]'),
        ('["a", -m, "b"]', '["a", "-m", "b"]'),
        ('["a", 10]', '["a", "10"]'),
        ("[\u201ca\u201d, \u2018b\u2019]", '["a", "b"]'),
        ('["C:\\x\\n", "b"]', '["C:\\\\x\\n", "b"]'),
        ('[\'say "x"\', "it\'s"]', '["say \\"x\\"", "it\'s"]'),
        ('["a"] # why', '["a"]'),
        ('["a"];', '["a"]'),
        ('["a"]]', '["a"]'),
        ("['a', \\\n  # b\n  'c']", '["a", \\\n  # b\n  "c"]'),
        ("[]", None),
        ("[", None),
        ("[a]", None),
        ("[ -f a ]", None),
        ('[ "$a" = b ]', None),
        ('["a"] && b', None),
        ('["a', None),
        ("['a", None),
        ('["a", $b]', None),
        ('["a", ["b"]]', None),
    ],
)
def test_repair(text: str, expected: str | None) -> None:
    assert repaired(text) == expected


def test_a_backtick_continues_lines_too() -> None:
    assert repaired("['a', `\n 'b']", "`") == '["a", `\n "b"]'


@given(st.lists(st.text(st.characters(blacklist_categories=("Cc", "Cs"), blacklist_characters="\"'\\")), min_size=1))
def test_single_quotes_become_json(words: list[str]) -> None:
    text = "[" + ", ".join(f"'{word}'" for word in words) + "]"
    fixed = repaired(text)
    assert fixed is not None
    assert json.loads(fixed) == words


@given(st.text("[]\"', \\ab#\n$", max_size=60))
def test_any_text_gives_a_list_of_strings_or_nothing(text: str) -> None:
    fixed = repaired("[" + text)
    if fixed is not None:
        flat = " ".join(line for line in fixed.split("\n") if not line.lstrip().startswith("#"))
        assert flat.startswith("[")
        assert flat.rstrip().endswith("]")
