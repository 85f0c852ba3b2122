"""`--diff-base`: real repositories, what a change brings, and that git runs nothing of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dfguard.changes import read_changes
from dfguard.cli.main import main
from dfguard.errors import UsageError

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

PAGE = Path(__file__).parent.parent / "docs" / "reports.md"
BASE = """FROM debian:12.8-slim
RUN cd /opt
ENV A=1
ENV B=2
ENV C=3
ENV D=4
ENV E=5
ENV F=6
USER 1000
CMD ["/bin/true"]
"""


def git(*arguments: str) -> str:
    """Run git in the current folder; nothing of the caller's own settings counts."""
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "HOME": os.devnull}
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.test", "-c", "init.defaultBranch=main", *arguments]
    environment = {**os.environ, **own}
    return subprocess.run(
        command, check=True, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "-q")
    (folder / "Dockerfile").write_text(BASE)
    git("add", ".")
    git("commit", "-qm", "base")
    git("tag", "base")
    return folder


def codes(capsys: pytest.CaptureFixture[str], *options: str) -> list[tuple[str, int]]:
    main(["check", "--isolated", "--format", "json", *options, "."])
    said = capsys.readouterr()
    assert said.err == "" or "error" not in said.err
    return [(each["code"], each["start"]["line"]) for each in json.loads(said.out)["findings"]]


def test_what_was_there_before_is_left_out(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    everything = codes(capsys)
    assert ("DG603", 2) in everything
    assert codes(capsys, "--diff-base", "base") == []
    (repository / "Dockerfile").write_text("# a comment\n\n" + BASE + "RUN cd /srv\n")
    assert codes(capsys, "--diff-base", "base") == [("DG603", 13)]


def test_what_a_change_elsewhere_brings_is_kept(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without its USER the image runs as root, and the finding lies on a line that did not change."""
    (repository / "Dockerfile").write_text(BASE.replace("USER 1000\n", ""))
    assert "DG801" in [code for code, _ in codes(capsys, "--diff-base", "base")]


def test_a_file_that_git_does_not_know_is_new(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "api.Dockerfile").write_text(BASE)
    assert ("DG603", 2) in codes(capsys, "--diff-base", "base")


def test_the_common_ancestor_counts(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git("checkout", "-qb", "topic")
    (repository / "Dockerfile").write_text(BASE + "RUN cd /srv\n")
    git("commit", "-qam", "topic")
    git("checkout", "-q", "main")
    (repository / "Dockerfile").write_text(BASE.replace("RUN cd /opt\n", ""))
    git("commit", "-qam", "main goes on")
    git("checkout", "-q", "topic")
    assert codes(capsys, "--diff-base", "main") == [("DG603", 11)]


def test_a_review_lies_in_the_hunks_that_git_shows(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = BASE.replace("ENV F=6\n", "ENV F=6\nRUN apt-get update && apt-get install -y curl\n")
    (repository / "Dockerfile").write_text(text)
    main(["check", "--isolated", "--format", "github-review", "--diff-base", "base", "."])
    review: Any = json.loads(capsys.readouterr().out)
    assert any("```suggestion\nRUN apt-get update" in comment["body"] for comment in review["comments"])
    assert {comment["line"] for comment in review["comments"]} == {9}
    main(["check", "--isolated", "--format", "gitlab-review", "--diff-base", "base", "."])
    (first, *_) = json.loads(capsys.readouterr().out)
    assert first["position"]["base_sha"] == first["position"]["head_sha"] == git("rev-parse", "HEAD")


def test_the_page_shows_what_is_printed(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = BASE.replace("ENV F=6\n", "ENV F=6\nRUN apt-get update && apt-get install -y curl\n")
    (repository / "Dockerfile").write_text(text)
    main(["check", "--isolated", "--select", "DG410", "--format", "github-review", "--diff-base", "base", "."])
    printed = capsys.readouterr().out
    page = PAGE.read_text(encoding="utf-8")
    _, _, rest = page.partition("<!-- output: github-review -->\n```json\n")
    shown, _, _ = rest.partition("```\n\nA finding")
    if os.environ.get("DFGUARD_WRITE"):
        PAGE.write_text(
            page.replace(f"```json\n{shown}```\n\nA finding", f"```json\n{printed}```\n\nA finding"), "utf-8"
        )
        shown = printed
    assert shown == printed


def test_hunks_and_names_are_those_of_git(repository: Path) -> None:
    (repository / "old name").write_text("".join(f"line {number}\n" for number in range(20)))
    (repository / "gone\tä").write_text("x\n")
    (repository / "empty").write_text("")
    git("add", ".")
    git("commit", "-qm", "more")
    git("mv", "old name", 'new "name"')
    (repository / 'new "name"').write_text("".join(f"line {number}\n" for number in range(20) if number != 10))
    (repository / "gone\tä").unlink()
    (repository / "empty").unlink()
    (repository / "Dockerfile").write_text("--- a/x\n+++ b/x\n@@ -1 +1 @@\n" + BASE)
    changes = read_changes("HEAD")
    assert sorted((file.path or "", file.old or "") for file in changes.files) == [
        ("", "empty"), ("", "gone\tä"), ("Dockerfile", "Dockerfile"), ('new "name"', "old name"),
    ]  # fmt: skip
    assert changes.touches("Dockerfile", 1, 1) and changes.touches("Dockerfile", 3, 9)
    assert not changes.touches("Dockerfile", 4, 9)
    hunk = changes.hunk('new "name"', 8, 13)
    assert hunk is not None and (hunk.old(10), hunk.old(11)) == (10, 12)
    assert changes.touches('new "name"', 10, 11) and not changes.touches('new "name"', 11, 12)
    assert changes.hunk('new "name"', 7, 13) is None


def test_nothing_of_a_repository_is_run(repository: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch '{ran}'\ncat\n")
    script.chmod(0o755)
    (repository / ".gitattributes").write_text("* filter=evil diff=evil\n")
    for key in ("core.fsmonitor", "diff.external", "filter.evil.clean", "filter.evil.process", "diff.evil.textconv",
                "diff.evil.command", "core.pager"):  # fmt: skip
        git("config", key, str(script))
    (repository / ".git" / "hooks" / "post-index-change").write_text(f"#!/bin/sh\ntouch '{ran}'\n")
    (repository / ".git" / "hooks" / "post-index-change").chmod(0o755)
    (repository / "Dockerfile").write_text(BASE + "RUN cd /srv\n")
    assert read_changes("base").touches("Dockerfile", 11, 11)
    assert not ran.exists()


@pytest.mark.parametrize(("reference", "said"), [("nowhere", "was it fetched"), ("--output=x", "expected a commit")])
def test_an_unknown_commit_is_one_clear_message(repository: Path, reference: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_changes(reference)
    assert not (repository / "x").exists()


def test_a_review_needs_a_change_and_a_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(BASE)
    assert main(["check", "--format", "github-review"]) == 2
    assert "--diff-base" in capsys.readouterr().err
    assert main(["check", "--diff-base", "main"]) == 2
    assert "git repository" in capsys.readouterr().err
