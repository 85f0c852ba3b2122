"""Ten stories, the same findings at the same places whichever way one asks.

A further way is one more function in `WAYS`: it is given the folder of a story, and says what is found as
(severity, code, path, line, column) of every finding.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from editor import editor, run
from installed_hooks import Installed, hooks  # noqa: F401  a fixture
from lsprotocol import types
from scratch import ROOT, commit_all, environment, pre_commit

from dfguard.lsp.documents import OTHER, kind_of, path_of

Found = set[tuple[str, str, str, int, int]]

EXAMPLES = ROOT / "examples"
STORIES = (
    "apt-layers", "clean", "compiler-shipped", "file-not-there", "leaked-env", "named-context", "pinned-images",
    "secret-through-stages", "values-in-history", "whole-context",
)  # fmt: skip
SEVERITIES: dict[Any, str] = dict(zip(types.DiagnosticSeverity, ("error", "warning", "info", "hint"), strict=True))
_HEAD = re.compile(r"^(error|warning|info|hint)\[(DG\d+)\] ", re.M)
_PLACE = re.compile(r"^ *--> (.+):(\d+):(\d+)$", re.M)


def dfguard(folder: Path, *arguments: str, given: str | None = None) -> str:
    """What the command line prints, in a process of its own."""
    command = [sys.executable, "-m", "dfguard", *arguments]
    env = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=folder, env=env, input=given, capture_output=True, text=True, timeout=120, check=False
    ).stdout


def of_plain(text: str) -> Found:
    """The findings of a plain report."""
    found = set()
    for block in text.split("\n\n"):
        code, place = _HEAD.search(block), _PLACE.search(block)
        if code and place:
            found.add((code[1], code[2], place[1], int(place[2]), int(place[3])))
    return found


def of_json(text: str) -> Found:
    """The findings of a JSON report."""
    data: dict[str, Any] = json.loads(text)
    return {(f["severity"], f["code"], f["path"], f["start"]["line"], f["start"]["column"]) for f in data["findings"]}


def by_command(folder: Path) -> Found:
    return of_plain(dfguard(folder, "check"))


def by_json(folder: Path) -> Found:
    return of_json(dfguard(folder, "check", "--format", "json"))


def by_stdin(folder: Path) -> Found:
    text = (folder / "Dockerfile").read_text(encoding="utf-8")
    return of_json(dfguard(folder, "check", "--format", "json", "-", "--stdin-filename", "Dockerfile", given=text))


def by_server(folder: Path) -> Found:
    """What the language server tells an editor that has all open and asks for the diagnostics of the workspace."""
    told: set[Any] = set()

    async def ask() -> None:
        async with editor(folder, "neovim@v0.11.0") as at:
            for path in sorted(folder.rglob("*")):
                if path.is_file() and kind_of(path.name) != OTHER:
                    at.open(path)
            answer = await at.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams([]))
            for report in answer.items:
                where = os.path.relpath(path_of(report.uri) or "", folder)
                for each in report.items:
                    start = each.range.start
                    told.add((SEVERITIES[each.severity], each.code, where, start.line + 1, start.character + 1))

    run(ask())
    return told


WAYS: dict[str, Callable[[Path], Found]] = {
    "command": by_command, "JSON": by_json, "standard input": by_stdin, "language server": by_server,
}  # fmt: skip


def lay_out(story: str, folder: Path) -> Path:
    """A story without its reports, as a repository of its own."""
    shutil.copytree(EXAMPLES / story, folder, ignore=shutil.ignore_patterns("*.txt"))
    (folder / ".pre-commit-config.yaml").write_text("repos: []\n")
    commit_all(folder, environment(folder.parent))
    return folder


def expected(story: str) -> Found:
    """What the report that lies beside a story says."""
    return of_plain((EXAMPLES / story / "expected.txt").read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=STORIES)
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A story and its folder, which no way changes."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    story = str(request.param)
    return story, lay_out(story, tmp_path_factory.mktemp("stories") / story)


@pytest.mark.parametrize("way", WAYS)
def test_a_story_is_the_same_every_way(told: tuple[str, Path], way: str) -> None:
    story, folder = told
    said = WAYS[way](folder)
    assert said == expected(story)
    assert said or story == "clean"


@pytest.mark.hooks
def test_a_story_is_the_same_by_the_hook(told: tuple[str, Path], hooks: Installed) -> None:  # noqa: F811
    story, folder = told
    (folder / ".pre-commit-config.yaml").write_text(hooks.config("dfguard, verbose: true"))
    said = pre_commit(folder, "run", "--all-files", "--config", ".pre-commit-config.yaml", env=hooks.env)
    assert "dfguard....." in said.stdout, said.stderr + said.stdout
    assert of_plain(said.stdout) == expected(story)
