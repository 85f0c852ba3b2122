"""Reading ignore files: lines, spans, mistakes, and which file a build reads."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from context_trees import ignore, lay_out

from dfguard.context.ignore import MAX_LINE, clean, find_ignore_file
from dfguard.context.inside import find_inside
from dfguard.errors import InputError, UsageError


def test_spans_and_lines() -> None:
    file = ignore("\ufeff# comment\r\n  /build/ \r\n\n! keep.txt\n #no comment")
    assert [(p.text, p.negated, p.index, p.span.start_line, p.span.text) for p in file.patterns] == [
        ("build", False, 0, 2, "/build/"),
        ("keep.txt", True, 1, 4, "! keep.txt"),
        ("#no comment", False, 2, 5, "#no comment"),
    ]
    assert file.error is None
    assert file.faults == ()


@pytest.mark.parametrize(
    ("line", "text", "negated"),
    [
        ("/!foo", "foo", True),  # the `!` shows only after the slash is gone
        ("./!foo", "foo", True),
        ("!!foo", "!foo", True),
        ("!../../foo", "foo", False),  # cleaned once more with its `!`, which is then a folder
        ("/ foo", "foo", False),
        ("!/ foo", " foo", True),
        ("\u2003foo\x85", "foo", False),
        ("\x1cfoo", "\x1cfoo", False),  # a blank for Python, not for Go
        ("caf\udce9", "caf\ufffd", False),  # patterns travel as JSON
        ("!..", "..", True),
    ],
)
def test_two_cleanings(line: str, text: str, negated: bool) -> None:
    (pattern,) = ignore(line).patterns
    assert (pattern.text, pattern.negated) == (text, negated)


@pytest.mark.parametrize("line", ["!", "! ", "!/", "[", "[]a]", "a[", "x\\", "[-]", "[x-]"])
def test_ends_every_build(line: str) -> None:
    file = ignore(f"a\n{line}\n")
    assert file.error is not None
    assert file.error.span is not None
    assert file.error.span.start_line == 2


@pytest.mark.parametrize("line", ["[Local-Only]", "a*\\", "*a\\qb", "x*[", "src\\packages\\*", "[[:x:]]", "a?{2}{2}"])
def test_late_mistakes(line: str) -> None:
    """Only the comparison with a path shows them; a trailing backslash after a star is none."""
    file = ignore(line)
    assert file.error is None
    assert [fault.span.text for fault in file.faults if fault.span] == ([] if line == "a*\\" else [line])


def test_blank_pattern_is_dropped() -> None:
    assert ignore("/ /.\nfoo").patterns[0].text == "foo"


def test_line_limit() -> None:
    assert ignore("a" * MAX_LINE + "\nb").error is None
    too_long = ignore("b\n" + "é" * (MAX_LINE // 2 + 1)).error
    assert too_long is not None
    assert too_long.span is not None
    assert too_long.span.start_line == 2


@pytest.mark.parametrize(
    ("path", "cleaned"),
    [("", "."), ("/", "/"), ("//a", "/a"), ("a/../..", ".."), ("/..", "/"), ("../a/.", "../a"), ("a//b/", "a/b")],
)
def test_clean(path: str, cleaned: str) -> None:
    assert clean(path) == cleaned


def test_other_builders(tmp_path: Path) -> None:
    root = lay_out(tmp_path, [".containerignore", ".dockerignore", "Dockerfile", "Dockerfile.dockerignore"])
    dockerfile = os.path.join(root, "Dockerfile")
    found = {
        builder: find_ignore_file(dockerfile, root, builder=builder) for builder in ("buildkit", "classic", "podman")
    }
    assert {builder: os.path.basename(path or "") for builder, path in found.items()} == {
        "buildkit": "Dockerfile.dockerignore",
        "classic": ".dockerignore",
        "podman": "Dockerfile.dockerignore",
    }
    os.remove(f"{dockerfile}.dockerignore")
    assert find_ignore_file(dockerfile, root, builder="podman") == os.path.join(root, ".containerignore")
    lay_out(tmp_path, ["Dockerfile.containerignore"])
    assert find_ignore_file(dockerfile, root, builder="podman") == f"{dockerfile}.containerignore"
    assert find_ignore_file(dockerfile, root) == os.path.join(root, ".dockerignore")
    with pytest.raises(UsageError, match="kaniko"):
        find_ignore_file(dockerfile, root, builder="kaniko")


def test_paths_read_as_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(tmp_path, [".dockerignore"])
    monkeypatch.chdir(tmp_path)
    assert find_ignore_file("Dockerfile", ".") == ".dockerignore"


def test_no_ignore_file(tmp_path: Path) -> None:
    (tmp_path / ".dockerignore").mkdir()
    assert find_ignore_file(str(tmp_path / "Dockerfile"), str(tmp_path)) is None


def test_linked_ignore_file(tmp_path: Path) -> None:
    """A link is followed inside the context; one that leads out is absent for the builder."""
    root = lay_out(tmp_path / "in", ["common"])
    lay_out(tmp_path, ["outside"])
    os.symlink("common", f"{root}/.dockerignore")
    assert find_ignore_file("", root) == f"{root}/.dockerignore"
    os.remove(f"{root}/.dockerignore")
    os.symlink("../outside", f"{root}/.dockerignore")
    assert find_ignore_file("", root) is None


def test_links_stay_inside(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "in", ["etc/passwd", "deep/x"])
    for target, name in (("/etc", "absolute"), ("../../../..", "up"), ("loop", "loop"), ("deep/../etc", "around")):
        os.symlink(target, f"{root}/{name}")
    assert find_inside(root, "absolute/passwd") == "etc/passwd"
    assert find_inside(root, "up/etc/passwd") == "etc/passwd"
    assert find_inside(root, "around/passwd") == "etc/passwd"
    assert find_inside(root, "loop") is None
    assert find_inside(root, "none\0") is None


def test_more_patterns_than_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dfguard.context.ignore.MAX_PATTERNS", 3)
    assert len(ignore("# a\na\nb\n\nc\n").patterns) == 3
    with pytest.raises(InputError, match="holds more than 3 patterns"):
        ignore("a\nb\nc\nd\n")
