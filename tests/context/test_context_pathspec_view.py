"""pathspec as the second reader of ignore files: which lines speak about a path."""

from __future__ import annotations

import copy
from pathlib import Path

import pathspec
import pytest
from context_trees import ignore, walk
from pathspec.util import lookup_pattern

from dfguard.context.pathspec_view import MobyPattern
from dfguard.context.pattern import MalformedPattern

LEAK = "*\n!**/*.js\nnode_modules\n"


def test_registered_by_name() -> None:
    assert lookup_pattern("dockerignore") is MobyPattern
    spec = pathspec.PathSpec.from_lines("dockerignore", ["# comment", "*.log", "!keep.log"], backend="simple")
    assert [spec.match_file(path) for path in ("a.log", "keep.log", "sub/a.log", "a.log/below")] == [
        True,
        False,
        False,
        True,
    ]


def test_the_last_line_is_not_always_the_walk(tmp_path: Path) -> None:
    """pathspec says what the author means, the walk what is sent; `explain` names the skipped line."""
    path = "node_modules/x/i.js"
    file = walk(tmp_path, [path], LEAK).ignore
    assert file.as_pathspec().match_file(path)
    told = file.explain(path)
    assert not told.dropped
    assert told.deciding is not None
    assert told.deciding.text == "**/*.js"
    assert [line.text for line in told.matching] == ["*", "**/*.js", "node_modules"]
    assert [line.text for line in told.skipped] == ["node_modules"]
    assert told.pruned_by is None


def test_pruned() -> None:
    told = ignore("build\n!src/x\n").explain("./build/out/x")
    assert (told.path, told.dropped, told.pruned_by) == ("build/out/x", True, "build")
    assert told.deciding is not None
    assert told.deciding.span.start_line == 1


def test_nothing_speaks() -> None:
    told = ignore("a\n").explain("b")
    assert (told.dropped, told.deciding, told.matching, told.skipped) == (False, None, (), ())


def test_index_names_the_line() -> None:
    file = ignore("# c\n\nfoo\n!foo/bar\n")
    index = file.as_pathspec().check_file("foo/bar/x").index
    assert index is not None
    assert file.patterns[index].span.text == "!foo/bar"


def test_malformed() -> None:
    with pytest.raises(MalformedPattern):
        MobyPattern("!")
    assert not ignore("[Local-Only]").as_pathspec().match_file("L")
    with pytest.raises(MalformedPattern):
        ignore("[Local-Only]").explain("L")


def test_copies_and_shows_itself() -> None:
    pattern = MobyPattern("! /docs/*")
    assert (pattern.pattern, pattern.include) == ("! /docs/*", False)
    assert pattern.regex is not None
    assert pattern.regex.match("docs/x/y")
    assert copy.copy(pattern).match_file("docs/x") is not None


def test_linear_time() -> None:
    assert not ignore("*a" * 60 + "*b").as_pathspec().match_file("a" * 4000)
