"""Every story under examples/ gives exactly the report that lies beside it.

`DFGUARD_WRITE=1 pytest tests/test_examples.py` writes the reports anew: read the difference.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from dfguard.cli.main import main

EXAMPLES = Path(__file__).parent.parent / "examples"
STORIES = sorted(path.parent.name for path in EXAMPLES.glob("*/Dockerfile"))
# What each story is there to show; a story may say more.
POINT = {
    "leaked-env": ["DG101"],
    "secret-through-stages": ["DG102"],
    "whole-context": ["DG201", "DG210"],
    "apt-layers": ["DG401", "DG410", "DG411"],
    "compiler-shipped": ["DG310", "DG801"],
    "file-not-there": ["DG231"],
    "leaking-history": ["DG201"],
    "lines-that-miss": ["DG211", "DG212", "DG213", "DG243"],
    "named-context": ["DG102"],
    "pinned-images": [],
    "values-in-history": ["DG111"],
    "clean": [],
}
# Further commands of a story, each with the file that holds what it says.
TELLS = {
    "file-not-there": {"why.txt": ["why", "site/vendor/chart.js"]},
    "leaking-history": {"context.txt": ["context"], "why.txt": ["why", ".git"]},
    "lines-that-miss": {"suggest.txt": ["context", "--suggest"]},
    "named-context": {"context.txt": ["context"], "why.txt": ["why", "shared/deploy_key"]},
    "pinned-images": {"pin.txt": ["pin", "--from", "lock", "--update"]},
    "secret-through-stages": {"why.txt": ["why", "deploy_key"]},
}


def test_every_story_has_a_point() -> None:
    assert sorted(POINT) == STORIES


def stage(story: str, folder: Path) -> None:
    """Lay a story out in `folder`, without its reports; `dot-git` becomes `.git`, which no repository can hold."""
    shutil.copytree(EXAMPLES / story, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.txt"))
    if (folder / "dot-git").exists():
        (folder / "dot-git").rename(folder / ".git")


def compare(said: str, expected: Path) -> None:
    if os.environ.get("DFGUARD_WRITE"):
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("story", STORIES)
def test_the_story_is_told_as_expected(
    story: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stage(story, tmp_path)
    monkeypatch.chdir(tmp_path)
    code = main(["check", "--color", "never"])
    said = capsys.readouterr().out
    compare(said, EXAMPLES / story / "expected.txt")
    assert [rule for rule in POINT[story] if f"[{rule}]" not in said] == []
    assert code == (1 if POINT[story] else 0)


@pytest.mark.parametrize(("story", "file"), [(story, file) for story, files in TELLS.items() for file in files])
def test_what_else_a_story_tells(
    story: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stage(story, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(TELLS[story][file]) == 0
    compare(capsys.readouterr().out, EXAMPLES / story / file)


def test_suggested_lines_are_written_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stage("lines-that-miss", tmp_path)
    monkeypatch.chdir(tmp_path)
    before = (tmp_path / ".dockerignore").read_text(encoding="utf-8")
    assert main(["context", "--suggest", "--write"]) == 0
    written = (tmp_path / ".dockerignore").read_text(encoding="utf-8")
    assert written.startswith(before)
    assert written.removeprefix(before).split() == ["dist", "**/node_modules", ".git"]
    capsys.readouterr()
    assert main(["context", "--suggest", "--write"]) == 0
    assert capsys.readouterr().out.startswith("nothing to add")
    assert (tmp_path / ".dockerignore").read_text(encoding="utf-8") == written


@pytest.mark.parametrize("story", STORIES)
def test_no_report_shows_a_secret(story: str) -> None:
    secrets = [line for name in (".env", "deploy_key") for line in lines_of(EXAMPLES / story / name)]
    report = (EXAMPLES / story / "expected.txt").read_text(encoding="utf-8")
    assert [secret for secret in secrets if secret.partition("=")[2] and secret.partition("=")[2] in report] == []


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
