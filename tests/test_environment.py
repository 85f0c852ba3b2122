"""Environment variables: over the files, under the command line, and told by name when wrong."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dfguard.cli.environment import VARIABLES
from dfguard.cli.main import main

ROOT = Path(__file__).parent.parent


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text("FROM alpine\nUSER 1000\nWORKDIR app\n")
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("DFGUARD_")]:
        monkeypatch.delenv(name)
    return tmp_path


def found(capsys: pytest.CaptureFixture[str], *arguments: str) -> set[str]:
    main(["check", "--format", "json", *arguments, "Dockerfile"])
    return {finding["code"] for finding in json.loads(capsys.readouterr().out)["findings"]}


def test_the_environment_wins_over_files_and_the_command_line_over_both(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "dfguard.toml").write_text('ignore = ["DG301"]\n')
    assert found(capsys) == {"DG709"}
    monkeypatch.setenv("DFGUARD_EXTEND_SELECT", "DL3006")
    assert found(capsys) == {"DG301", "DG709"}
    assert found(capsys, "--ignore", "DG301") == {"DG709"}
    monkeypatch.setenv("DFGUARD_SELECT", "DG709")
    assert found(capsys, "--select", "base-image-untagged") == {"DG301"}


def test_a_file_that_the_environment_names(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "other.toml").write_text('select = ["DG709"]\n')
    monkeypatch.setenv("DFGUARD_CONFIG", "other.toml")
    assert found(capsys) == {"DG709"}
    assert found(capsys, "--isolated") == {"DG301", "DG709"}


def test_thresholds_and_format(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "Dockerfile"]) == 1
    monkeypatch.setenv("DFGUARD_FAIL_ON", "error")
    monkeypatch.setenv("DFGUARD_FORMAT", "json")
    capsys.readouterr()
    assert main(["check", "Dockerfile"]) == 0
    assert json.loads(capsys.readouterr().out)["findings"]
    assert main(["check", "--format", "plain", "--fail-on", "warning", "Dockerfile"]) == 1
    assert "DG301" in capsys.readouterr().out


@pytest.mark.parametrize("name", [*VARIABLES, "DFGUARD_FORMAT"])
def test_a_wrong_value_is_told_with_the_name_of_the_variable(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    if name == "DFGUARD_EXCLUDE":
        pytest.skip("any text is a glob")
    monkeypatch.setenv(name, "wrnog")
    assert main(["check", "Dockerfile"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"dfguard: {name}: ") and said.count("\n") == 1
    monkeypatch.setenv(name, " ")
    assert main(["check", "Dockerfile"]) == (2 if name == "DFGUARD_FORMAT" else 1)


def test_every_variable_is_documented() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert [name for name in VARIABLES if f"`{name}`" not in text] == []


def test_overrides_count_for_what_fails_and_what_is_fixed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "legacy").mkdir()
    (project / "legacy" / "Dockerfile").write_text("FROM alpine\nUSER 1000\n")
    (project / "dfguard.toml").write_text('[[overrides]]\nfiles = ["legacy"]\nfail-on = "error"\n')
    assert main(["check", "legacy/Dockerfile"]) == 0
    assert main(["check", "Dockerfile"]) == 1
    assert main(["check", "."]) == 1
    (project / "Dockerfile").unlink()
    assert main(["check", "."]) == 0
