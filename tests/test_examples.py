"""Every story under examples/ gives exactly the report that lies beside it.

`DFGUARD_WRITE=1 pytest tests/test_examples.py` writes the reports anew: read the difference.
"""

from __future__ import annotations

import os
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
    "clean": [],
}


def test_every_story_has_a_point() -> None:
    assert sorted(POINT) == STORIES


@pytest.mark.parametrize("story", STORIES)
def test_the_story_is_told_as_expected(
    story: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(EXAMPLES / story)
    code = main(["check", "--color", "never"])
    said = capsys.readouterr().out
    expected = EXAMPLES / story / "expected.txt"
    if os.environ.get("DFGUARD_WRITE"):
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")
    assert [rule for rule in POINT[story] if f"[{rule}]" not in said] == []
    assert code == (1 if POINT[story] else 0)


@pytest.mark.parametrize("story", STORIES)
def test_no_report_shows_a_secret(story: str) -> None:
    secrets = [line for name in (".env", "deploy_key") for line in lines_of(EXAMPLES / story / name)]
    report = (EXAMPLES / story / "expected.txt").read_text(encoding="utf-8")
    assert [secret for secret in secrets if secret.partition("=")[2] and secret.partition("=")[2] in report] == []


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
