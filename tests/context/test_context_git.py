"""What git ignores and tracks in a build context, read off real repositories without running git on them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from dfguard import gitindex
from dfguard.context.gitfolder import GitFolder


def git(root: Path, *arguments: str) -> None:
    identity = {f"GIT_{who}_{what}": "x@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    command = ["git", "-c", "core.autocrlf=false", *arguments]
    subprocess.run(
        command, cwd=root, check=True, capture_output=True, env={**os.environ, **identity, "HOME": str(root)}
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    (root / "app" / "sub").mkdir(parents=True)
    git(tmp_path, "init", "-q", str(root))
    (root / ".gitignore").write_text("# comment\n.env\n/app/dist/\n*.log\n!keep.log\n")
    (root / "app" / ".gitignore").write_text("local.json\n")
    for name in ("app/a.py", "app/sub/b.py", "app/ünïcödé.txt", "root.txt", "app/" + "x" * 200):
        (root / name).write_text("x")
    git(root, "add", "-A")
    (root / "app" / "new.txt").write_text("x")
    return root


@pytest.mark.parametrize("version", [2, 3, 4])
def test_tracked_files(repository: Path, version: int) -> None:
    git(repository, "update-index", f"--index-version={min(version, 4)}")
    if version == 3:  # an extended flag makes it version 3
        (repository / "later.txt").write_text("x")
        git(repository, "add", "--intent-to-add", "later.txt")
    found = gitindex.tracked(str(repository))
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True, check=True).stdout
    assert found == frozenset(os.fsdecode(name) for name in listed.split(b"\0") if name)
    assert GitFolder(str(repository / "app")).tracked == frozenset(
        name.removeprefix("app/") for name in found or () if name.startswith("app/")
    )


def test_submodules_end_in_a_slash(repository: Path, tmp_path: Path) -> None:
    git(repository, "commit", "-q", "-m", "x")
    git(tmp_path, "init", "-q", "outer")
    git(tmp_path / "outer", "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repository), "inner")
    assert gitindex.tracked(str(tmp_path / "outer")) == frozenset((".gitmodules", "inner/"))


@pytest.mark.parametrize("data", [b"", b"DIRC", b"DIRC\0\0\0\x02\0\0\0\x09" + b"\0" * 40, b"x" * 100])
def test_a_damaged_index_says_nothing(repository: Path, data: bytes) -> None:
    (repository / ".git" / "index").write_bytes(data)
    assert gitindex.tracked(str(repository)) is None


def test_no_repository(tmp_path: Path) -> None:
    assert gitindex.tracked(str(tmp_path)) is None
    folder = GitFolder(str(tmp_path))
    assert (folder.ignores("a"), folder.tracked, folder.lines()) == (False, None, ())


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        (".env", True),
        ("sub/.env", True),
        ("sub/x.log", True),
        ("sub/keep.log", False),
        ("dist", False),  # a folder only, and this is asked for as a file
        ("dist/x.js", True),
        ("local.json", True),
        ("a.py", False),
    ],
)
def test_ignored_paths(repository: Path, path: str, ignored: bool) -> None:
    assert GitFolder(str(repository / "app")).ignores(path) is ignored


def test_lines_as_seen_from_the_context(repository: Path) -> None:
    lines = GitFolder(str(repository / "app")).lines()
    assert [(line.name, line.span.start_line) for line in lines] == [
        (".env", 2),
        ("dist", 3),
        ("*.log", 4),
        ("local.json", 1),
    ]
    assert [line.name for line in GitFolder(str(repository)).lines(("app",))] == [
        ".env", "app/dist", "*.log", "local.json"
    ]  # fmt: skip
