"""Patterns that are compiled at their first use."""

from __future__ import annotations

import re
from importlib import import_module
from pkgutil import walk_packages

import pytest

import dfguard
from dfguard.regex import regex


def test_it_is_used_like_a_compiled_pattern() -> None:
    words = regex(r"(?P<first>[a-z])[a-z]*", re.IGNORECASE)
    match = words.match("Word two")
    assert match is not None and match["first"] == "W"
    assert words.findall("a bc") == ["a", "b"]
    assert words.sub("x", "one two") == "x x"
    assert regex(rb"\d+").fullmatch(b"12") is not None


def test_it_is_not_compiled_before() -> None:
    broken = regex("(")
    with pytest.raises(re.error):
        broken.match("")


def test_all_patterns_of_modules_can_be_compiled() -> None:
    """A mistake in one of them would be seen at its first use only."""
    seen = 0
    for module in walk_packages(dfguard.__path__, "dfguard."):
        if not module.name.endswith("__main__"):
            for value in vars(import_module(module.name)).values():
                if type(value).__module__ == regex.__module__:
                    re.compile(value.pattern, value.flags & ~re.UNICODE)
                    seen += 1
    assert seen > 200
