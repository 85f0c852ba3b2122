"""Finding Dockerfiles, opening files without blocking, and guessing the build context."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dfguard.discovery import (
    Discovery,
    discover,
    infer_context,
    is_dockerfile_name,
    is_ignore_file_name,
    looks_like_dockerfile,
    read_source,
)
from dfguard.errors import InputError, SyntaxRefused
from dfguard.source import MAX_BYTES


def lay_out(root: Path, files: dict[str, str]) -> str:
    for path, text in files.items():
        full = root / path
        full.parent.mkdir(parents=True, exist_ok=True)
        full.write_text(text, "utf-8")
    return str(root)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(found: Discovery) -> list[str]:
    return list(found.dockerfiles)


DOCKERFILES = [
    *("Dockerfile", "dockerfile", "DOCKERFILE", "Containerfile", "containerfile", "Dockerfile.dev", "Dockerfile-dev"),
    *("Dockerfile_dev", "dev.Dockerfile", "app.dockerfile", "x.containerfile", "Containerfile.alpine", "Dockerfile.j2"),
    *("Dockerfile.3.12", "Dockerfile.", "a.b.Dockerfile"),
]
OTHERS = [
    *("Dockerfile.md", "dockerfile.py", "Dockerfile.dockerignore", "app.Dockerfile.dockerignore", ".dockerignore"),
    *("dockerfiles", "Dockerfile~", "mydockerfile", "Dockerfile.orig", "docker-compose.yml", ".dockerfile.swp"),
    *("Dockerfile_test.go", "dockerfile.TXT"),
]


@pytest.mark.parametrize("name", DOCKERFILES)
def test_dockerfile_names(name: str) -> None:
    assert is_dockerfile_name(name)
    assert not is_ignore_file_name(name)


@pytest.mark.parametrize("name", OTHERS)
def test_other_names(name: str) -> None:
    assert not is_dockerfile_name(name)


@pytest.mark.parametrize("name", [".dockerignore", "Dockerfile.dockerignore", ".containerignore", "api.DockerIgnore"])
def test_ignore_file_names(name: str) -> None:
    assert is_ignore_file_name(name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM x", True),
        ("# c\n  from x", True),
        ("RUN\\\n x", True),
        ("\nARG\r\n", True),
        ("", False),
        ("# FROM x\n", False),
        ("FROMAGE\nto run\n", False),
        ("{{ template }}\n", False),
    ],
)
def test_looks_like_dockerfile(text: str, expected: bool) -> None:
    assert looks_like_dockerfile(text) is expected


def test_walk(here: Path) -> None:
    paths = [
        "b/Dockerfile",
        "Dockerfile",
        ".devcontainer/Dockerfile",
        "a/dev.Dockerfile",
        "a/notes.md",
        ".dockerignore",
    ]
    skipped = ["node_modules/x/Dockerfile", "a/node_modules/Dockerfile", ".git/Dockerfile", ".venv/Dockerfile"]
    lay_out(here, dict.fromkeys(paths + skipped, "FROM scratch\n"))
    found = discover(["."])
    assert names(found) == ["Dockerfile", ".devcontainer/Dockerfile", "a/dev.Dockerfile", "b/Dockerfile"]
    assert found.ignore_files == (".dockerignore",)
    assert found.notes == ("not entered: 1 folder(s) named .venv", "not entered: 2 folder(s) named node_modules")
    assert found.errors == ()
    assert names(discover(["node_modules", "b", "b/Dockerfile", "./b"])) == [
        "node_modules/x/Dockerfile",
        "b/Dockerfile",
    ]


def test_git_ignored(here: Path) -> None:
    lay_out(
        here,
        {
            ".git/info/exclude": "private/\n",
            ".gitignore": "build/\n*.local\n/only-top\nDockerfile.tmp\n*a*a*a*b\n",
            "sub/.gitignore": "!keep.local\n/gen\n",
        },
    )
    kept = ["Dockerfile", "sub/Dockerfile", "sub/keep.local/Dockerfile", "sub/only-top/Dockerfile", "aaab/Dockerfile"]
    ignored = [
        "build/Dockerfile",
        "x.local/Dockerfile",
        "only-top/Dockerfile",
        "sub/gen/Dockerfile",
        "private/Dockerfile",
    ]
    lay_out(here, dict.fromkeys([*kept, *ignored, "Dockerfile.tmp"], "FROM scratch\n"))
    found = discover(["."])
    assert sorted(names(found)) == sorted(kept)
    assert "Dockerfile.tmp: ignored by git, not checked" in found.notes
    assert any("1 line(s) with many `*`" in note for note in found.notes)
    # The rules of the folders above hold for a walk that starts below; a named path is taken anyway.
    assert names(discover(["sub"])) == ["sub/Dockerfile", "sub/keep.local/Dockerfile", "sub/only-top/Dockerfile"]
    assert names(discover(["Dockerfile.tmp"])) == ["Dockerfile.tmp"]


def test_no_git_no_gitignore(here: Path) -> None:
    lay_out(here, {".gitignore": "*\n", "a/Dockerfile": "FROM scratch\n"})
    assert names(discover(["."])) == ["a/Dockerfile"]


def test_hostile_gitignore(here: Path) -> None:
    lay_out(here, {".git/HEAD": "", ".gitignore": "*a" * 40 + "b\n" + "**/a/" * 40 + "b\n[\n"})
    lay_out(here, {"a" * 200 + "/Dockerfile": "", "a/" * 60 + "Dockerfile": ""})
    assert len(names(discover(["."]))) == 2


def test_exclude(here: Path) -> None:
    lay_out(here, dict.fromkeys(["Dockerfile", "vendor/a/Dockerfile", "b/Dockerfile.old"], "FROM scratch\n"))
    found = discover([".", "b/Dockerfile.old"], exclude=["vendor/", "*.old"])
    assert names(found) == ["Dockerfile"]
    assert found.notes == ("b/Dockerfile.old: excluded by the configuration",)


def test_named_files(here: Path) -> None:
    lay_out(here, {"build.txt": "FROM x\n", "Dockerfile.dockerignore": "a\n", ".dockerignore": "b\n"})
    found = discover(["build.txt", "./build.txt", "Dockerfile.dockerignore", ".dockerignore"])
    assert names(found) == ["build.txt"]
    assert found.ignore_files == ("Dockerfile.dockerignore", ".dockerignore")


def test_bad_arguments(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "Dockerfile").mkdir()
    (here / "Dockerfile.good").write_text("FROM x\n")
    (here / "closed").write_text("FROM x\n")
    os.mkfifo("fifo")
    os.symlink("nowhere", "broken")
    os.symlink("loop", "loop")
    monkeypatch.setattr(os, "access", lambda path, mode: path != "closed")
    found = discover(
        ["Dockerfile", "fifo", "broken", "missing", "closed", "loop", "/dev/null", "Dockerfile.good", "a\0b"]
    )
    assert names(found) == ["Dockerfile.good"]
    assert [str(error) for error in found.errors] == [
        "Dockerfile: is a folder; expected a Dockerfile",
        "fifo: is a FIFO; expected a Dockerfile",
        "broken: is a broken symbolic link to nowhere",
        "missing: no such file or folder",
        "closed: can't be read: permission denied",
        "loop: is a broken symbolic link to loop",
        "/dev/null: is a device; expected a Dockerfile",
        "a\0b: can't be read: a NUL byte in the name",
    ]


def test_walk_meets_odd_entries(here: Path) -> None:
    lay_out(
        here, {"top/real/Dockerfile": "FROM x\n", "outside/Dockerfile": "FROM x\n", "top/Dockerfile/Dockerfile": ""}
    )
    os.mkfifo("top/Dockerfile.fifo")
    for target, name in (
        ("real", "linked-folder"),
        ("..", "up"),
        ("real/Dockerfile", "Dockerfile.inner"),
        ("../outside/Dockerfile", "Dockerfile.out"),
        ("gone", "Dockerfile.gone"),
    ):
        os.symlink(target, f"top/{name}")
    found = discover(["top"])
    assert names(found) == ["top/Dockerfile.inner", "top/Dockerfile/Dockerfile", "top/real/Dockerfile"]
    assert [note.split(":")[0] for note in found.notes] == ["top/Dockerfile.gone", "top/Dockerfile.out"]
    assert [str(error) for error in found.errors] == ["top/Dockerfile.fifo: is no regular file; expected a Dockerfile"]


def test_unreadable_folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay_out(here, {"a/Dockerfile": "FROM x\n", "closed/Dockerfile": "FROM x\n"})
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = discover(["."])
    assert names(found) == ["a/Dockerfile"]
    assert [str(error) for error in found.errors] == ["closed: is a folder that can't be read: Permission denied"]
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert [str(error) for error in discover(["closed"]).errors] == [
        "closed: is a folder that can't be read: permission denied"
    ]


def test_read_source(here: Path) -> None:
    Path("latin").write_bytes(b"# caf\xe9\nFROM x\n")
    assert read_source("latin").data == b"# caf\xe9\nFROM x\n"
    os.mkfifo("fifo")
    with open("large", "wb") as file:
        file.truncate(MAX_BYTES + 1)
    Path("utf16").write_bytes("FROM x\n".encode("utf-16"))
    for path, reason in (
        ("fifo", "is a FIFO"),
        (".", "is a folder"),
        ("none", "no such file"),
        ("large", "expected at most"),
    ):
        with pytest.raises(InputError, match=reason):
            read_source(path)
    with pytest.raises(SyntaxRefused, match="UTF-16"):
        read_source("utf16")


def test_unreadable_source(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("closed").write_text("FROM x\n")

    def refuse(path: str, flags: int) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(InputError, match="closed: can't be read: Permission denied"):
        read_source("closed")


TREE = ["repo/.git/HEAD", "repo/docker/app/Dockerfile", "repo/docker/app/run.sh", "repo/src/main.py", "repo/pom.xml"]


@pytest.mark.parametrize(
    ("sources", "root"),
    [
        ([], "repo/docker/app"),
        ([".", "./", "$SRC/x", "https://example.com/x", "*.txt"], "repo/docker/app"),
        (["run.sh"], "repo/docker/app"),
        (["src/main.py", "pom.xml"], "repo"),
        (["src/*.py", "/pom.xml", "./src/../pom.xml"], "repo"),
        (["docker/app/run.sh"], "repo"),
        (["app/run.sh"], "repo/docker"),
        (["src/main.py", "missing"], "repo/docker/app"),
        (["outside"], "repo/docker/app"),
    ],
)
def test_context(sources: list[str], root: str, here: Path) -> None:
    lay_out(here, dict.fromkeys([*TREE, "outside"], ""))
    found, why = infer_context("repo/docker/app/Dockerfile", sources)
    assert os.path.normpath(found) == root
    assert ("not in" in why) == bool(root != "repo/docker/app" or {"missing", "outside"} & set(sources))


def test_context_without_repository(here: Path) -> None:
    """The current folder is the boundary for what lies below it, else nothing above is looked at."""
    lay_out(here, dict.fromkeys(["a/b/Dockerfile", "a/x", "y"], ""))
    assert infer_context("a/b/Dockerfile", ["x"])[0] == "a"
    assert infer_context("a/b/Dockerfile", ["y"])[0] == "."
    os.chdir("a/b")
    assert infer_context("Dockerfile", ["x"])[0] == "."
    assert infer_context(str(here / "a" / "b" / "Dockerfile"), ["x"])[0] == str(here / "a" / "b")


def test_imports_stay_cheap() -> None:
    """A check of one file has 100 ms in all; these alone would cost a third of it."""
    modules = "dfguard.discovery, dfguard.context.tree, dfguard.context.ignore"
    costly = (
        "{'dataclasses', 'inspect', 'pathspec', 'pathlib', 'logging', 'json', 'tempfile', 'subprocess', 'unicodedata'}"
    )
    code = f"import sys; old = set(sys.modules); import {modules}; print(sorted({costly} & (set(sys.modules) - old)))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[1]
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_templates_are_left_to_their_renderer_unless_named(tmp_path: Path) -> None:
    for name in ("Dockerfile.j2", "Dockerfile-slim.template", "Dockerfile.in"):
        (tmp_path / name).write_text("FROM {{ image }}\n")
    walked = discover([str(tmp_path)])
    assert walked.dockerfiles == ()
    assert len([note for note in walked.notes if "a template by its name" in note]) == 3
    named = str(tmp_path / "Dockerfile.j2")
    assert discover([named]).dockerfiles == (named,)
