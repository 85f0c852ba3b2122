"""`--add-ignores`: comments for all that is found, in files of every kind; `dfguard suppressions` lists them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dfguard.cli.main import main
from dfguard.dockerfile.parse import parse
from dfguard.source import Source

CORPUS = sorted(path for path in (Path(__file__).parent / "corpus").rglob("*ockerfile*") if path.is_file())
DOCKERFILE = """# syntax=docker/dockerfile:1
ARG UNUSED=1
FROM debian
RUN apt-get install -y \\
    curl
  RUN cd /x && \\
  curl foo | sh
RUN <<END
curl bar | sh
END
USER root
"""
COMPOSE = """services:
  web:
    build:
      context: nowhere
  inline:
    build:
      context: .
      dockerfile_inline: |
        FROM debian
        RUN <<END
        curl x | sh
        END
        USER 1000
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


def findings(capsys: pytest.CaptureFixture[str], *paths: str) -> list[str]:
    capsys.readouterr()
    main(["check", "--isolated", "--format", "json", *(paths or (".",))])
    return [finding["code"] for finding in json.loads(capsys.readouterr().out)["findings"]]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_all_that_is_found_is_silenced_and_nothing_else_changes(
    capsys: pytest.CaptureFixture[str], end: str, bom: str
) -> None:
    files = {"Dockerfile": DOCKERFILE, ".dockerignore": "a\nb\n a\n", "compose.yaml": COMPOSE}
    for name, text in files.items():
        Path(name).write_bytes((bom + text).replace("\n", end).encode())
    assert len(set(findings(capsys))) > 5
    assert main(["check", "--isolated", "--add-ignores"]) == 0
    assert findings(capsys) == []
    for name, text in files.items():
        written = Path(name).read_bytes().decode()
        assert written.startswith(bom)
        kept = [line for line in written.removeprefix(bom).split(end) if "dfguard:" not in line]
        assert end.join(kept) == text.replace("\n", end)
    once = Path("Dockerfile").read_bytes()
    assert main(["check", "--isolated", "--add-ignores"]) == 0
    assert Path("Dockerfile").read_bytes() == once, "there is nothing more to silence"


def test_the_reason_is_given_and_a_comment_with_another_one_is_left_alone() -> None:
    Path("Dockerfile").write_text("FROM debian\n# dfguard: ignore[DG411] -- mine\nRUN apt-get install -y curl\n")
    assert main(["check", "--isolated", "--add-ignores", "--reason", "as of  2026", "--select", "DG410,DG301"]) == 0
    assert Path("Dockerfile").read_text() == (
        "# dfguard: ignore[DG301] -- as of 2026\nFROM debian\n# dfguard: ignore[DG411] -- mine\n"
        "# dfguard: ignore[DG410] -- as of 2026\nRUN apt-get install -y curl\n"
    )


def test_a_comment_without_a_reason_is_made_longer() -> None:
    Path("Dockerfile").write_text("FROM debian:12.8-slim\n# dfguard: ignore[DG411]\nRUN apt-get install -y curl\n")
    assert main(["check", "--isolated", "--add-ignores", "--select", "DG410"]) == 0
    assert "# dfguard: ignore[DG411,DG410]\n" in Path("Dockerfile").read_text()


def test_diff_shows_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(DOCKERFILE)
    assert main(["check", "--isolated", "--add-ignores", "--diff"]) == 1
    assert "+# dfguard: ignore[DG707]" in capsys.readouterr().out
    assert Path("Dockerfile").read_text() == DOCKERFILE


def test_one_file_that_can_not_be_written_leaves_all_as_they_were(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.Dockerfile", "b.Dockerfile"):
        Path(name).write_text(DOCKERFILE)
    real = os.access

    def access(path: str, mode: int) -> bool:
        return real(path, mode) and not (mode == os.W_OK and str(path).endswith("b.Dockerfile"))

    monkeypatch.setattr(os, "access", access)
    assert main(["check", "--isolated", "--add-ignores"]) == 2
    assert "b.Dockerfile: can't be written" in capsys.readouterr().err
    assert [Path(name).read_text() for name in ("a.Dockerfile", "b.Dockerfile")] == [DOCKERFILE] * 2
    assert sorted(os.listdir()) == [".git", "a.Dockerfile", "b.Dockerfile"]


@pytest.mark.parametrize("other", [["--fix"], ["--diff-base", "HEAD"], ["-"]])
def test_what_does_not_go_together_is_said(other: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--isolated", "--add-ignores", *other]) == 2
    assert "--add-ignores" in capsys.readouterr().err


@pytest.mark.parametrize("path", CORPUS[:: max(len(CORPUS) // 25, 1)], ids=lambda path: str(path.name))
def test_dockerfiles_of_the_corpus_stay_what_they_are(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copyfile(path, "Dockerfile")
    before = findings(capsys, "Dockerfile")
    main(["check", "--isolated", "--add-ignores", "Dockerfile"])
    assert "dfguard: silenced" in capsys.readouterr().err
    assert set(findings(capsys, "Dockerfile")) <= {"DG802"} & set(before)
    texts = (file.read_bytes().decode("utf-8", "surrogateescape") for file in (path, Path("Dockerfile")))
    old, new = (parse(Source("Dockerfile", text)) for text in texts)
    assert [i.span.text for i in new.instructions] == [i.span.text for i in old.instructions]
    assert [d.span.text for d in new.directives] == [d.span.text for d in old.directives]


# --- the list -------------------------------------------------------------------------------------


def git(*arguments: str, date: str = "2026-01-02T03:04:05Z") -> None:
    own = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "HOME": os.devnull,
        "GIT_AUTHOR_DATE": date,
    }
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@b.test", *arguments]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **own}, stdin=subprocess.DEVNULL)


def listed(capsys: pytest.CaptureFixture[str], *options: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main(["suppressions", "--format", "json", *options]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["version"] == 1
    rows: list[dict[str, Any]] = data["suppressions"]
    return rows


TEXT = "FROM a\n# hadolint ignore=DL3002,DL3008\nUSER root\n# dfguard: ignore[DG410] -- big\nRUN x\n"


def test_all_comments_are_listed_with_reason_and_rules(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text(TEXT)
    Path(".dockerignore").write_text("# dfguard: ignore[DG215]\na\n")
    Path("compose.yaml").write_text("services:\n  # dfguard: ignore[DG732] -- later\n  web:\n    build: x\n")
    rows = [(row["path"], row["line"], row["tool"], row["rules"], row["reason"]) for row in listed(capsys)]
    assert rows == [
        (".dockerignore", 1, "dfguard", ["DG215"], None),
        ("Dockerfile", 2, "hadolint", ["DG801"], None),
        ("Dockerfile", 4, "dfguard", ["DG410"], "big"),
        ("compose.yaml", 2, "dfguard", ["DG732"], "later"),
    ]
    assert [row["line"] for row in listed(capsys, "--without-reason")] == [1, 2]
    assert main(["suppressions"]) == 0
    said = capsys.readouterr().out
    assert "Dockerfile:4" in said
    assert "4 comments silence findings; 2 without a reason." in said


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_git_tells_the_age_and_runs_nothing_of_the_tree(capsys: pytest.CaptureFixture[str]) -> None:
    os.rmdir(".git")
    git("init", "-q")
    Path("Dockerfile").write_text(TEXT)
    Path(".gitattributes").write_text("* diff=x filter=x\n")
    git("add", ".")
    git("commit", "-qm", "x")
    for key in ("diff.x.textconv", "filter.x.clean", "core.fsmonitor", "core.sshCommand"):
        git("config", key, "touch pwned")
    Path("Dockerfile").write_text("# trivy:ignore:DS-0002 - new\n" + TEXT)
    rows = [(row["line"], row["changed"]) for row in listed(capsys)]
    assert rows == [(1, None), (3, "2026-01-02"), (5, "2026-01-02")]
    assert not Path("pwned").exists()


def test_a_comment_that_is_not_understood_is_listed_too(capsys: pytest.CaptureFixture[str]) -> None:
    Path("Dockerfile").write_text("# dfguard: disable\nFROM a\n")
    (row,) = listed(capsys)
    assert "is no form that dfguard knows" in row["problem"]


def test_nothing_to_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["suppressions"]) == 3
    Path("Dockerfile").write_text("FROM a\n")
    assert main(["suppressions"]) == 0
    assert "No comment silences findings." in capsys.readouterr().out
