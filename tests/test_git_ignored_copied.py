"""DG243 beside the index that git itself writes: what is tracked, what is ignored, and what is neither."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from dfguard import catalog
from dfguard.finding import Confidence
from dfguard.testing import findings

DOCKERFILE = "FROM alpine:3.20.3\nCOPY . /x\n"

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


def git(*arguments: str, folder: Path) -> None:
    command = ["git", "-c", "protocol.file.allow=always", *arguments]
    environment = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "PATH": "/usr/bin:/bin"}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """What is tracked though it is ignored, ignored files and folders, a new file, all below one root."""
    files = {".gitignore": "*.log\n/notes\ndist\n", "src/a.js": "1", "src/kept.log": "1", "Dockerfile": DOCKERFILE}
    write(tmp_path, files)
    git("init", "-q", folder=tmp_path)
    git("add", "-f", ".", folder=tmp_path)
    return tmp_path


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def said(root: Path, dockerfile: str = DOCKERFILE) -> list[tuple[str, Confidence]]:
    (entry,) = catalog.find("DG243")
    return [(f.message, f.confidence) for f in findings(entry, dockerfile, root)]


def test_a_fresh_checkout_is_quiet(repository: Path) -> None:
    assert said(repository) == []


def test_what_is_ignored_and_what_is_new(repository: Path) -> None:
    write(repository, {"src/b.log": "1", "notes/deep/a.md": "1234", "dist/x.js": "1", "src/new.js": "1", "new/y": "1"})
    assert said(repository) == [
        (
            "copies notes/, dist/, src/b.log: git ignores them, so a fresh checkout builds another image",
            Confidence.HIGH,
        ),
        ("copies new/, src/new.js: git does not track them, so a fresh checkout builds another image", Confidence.LOW),
    ]
    assert said(repository, "FROM alpine:3.20.3\nCOPY dist /x\n") == []


def test_files_of_a_submodule_are_tracked_there(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    write(other, {"a.txt": "1"})
    git("init", "-q", folder=other)
    git("add", ".", folder=other)
    git("-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "x", folder=other)
    git("submodule", "add", "-q", str(other), "inner", folder=repository)
    git("add", ".", folder=repository)
    assert said(repository) == []
