"""`dfguard config`: the settings that count with their places, and the schema that editors use."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
import tomli

from dfguard.cli.main import main
from dfguard.config_keys import KEYS
from dfguard.config_schema import schema

ROOT = Path(__file__).parent.parent


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "base.toml").write_text('preset = "strict"\nignore = [\n"DG801",\n"DG710"]\n')
    (tmp_path / "dfguard.toml").write_text(
        'extends = "base.toml"\nfail-on = "info"\n[rules.consecutive-runs]\nminimum = 3\nseverity = "error"\n'
        '[[overrides]]\nfiles = ["*.dev"]\nextend-select = ["DG801"]\nfail-on = "error"\n'
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, str]:
    """`key = value` -> origin, of `config show --format json`."""
    assert main(["config", "show", "--format", "json", *arguments]) == 0
    settings = json.loads(capsys.readouterr().out)["settings"]
    return {f"{s['key']} = {s['value']}": s["source"] + (f":{s['line']}" if s["line"] else "") for s in settings}


def test_every_setting_has_the_place_it_is_from(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys) == {
        "preset = strict": "base.toml:1",
        "preview = False": "default",
        "fail-on = info": "dfguard.toml:2",
        "min-confidence = medium": "default",
        "pedantic = False": "default",
        "ignore = DG801": "base.toml:3",
        "ignore = DG710": "base.toml:4",
        "rules.DG501.minimum = 3": "dfguard.toml:4",
        "severity.DG501 = error": "dfguard.toml:5",
    }


def test_overrides_environment_and_command_line_are_told(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DFGUARD_MIN_CONFIDENCE", "low")
    said = shown(capsys, "Dockerfile.dev", "--ignore", "DG402")
    assert said["fail-on = error"] == "dfguard.toml:9"
    assert said["extend-select = DG801"] == "dfguard.toml:8"
    assert said["min-confidence = low"] == "environment"
    assert said["ignore = DG402"] == "command line"
    assert "ignore = DG801" not in said


def test_what_is_printed_is_a_configuration(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "show"]) == 0
    said = capsys.readouterr().out
    assert tomli.loads(said)["ignore"] == ["DG801", "DG710"]
    assert re.search(r'^fail-on = "info" +# dfguard\.toml:2$', said, re.MULTILINE)
    jsonschema.validate(tomli.loads(said), schema())


def test_wrong_actions_and_configurations(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "shwo"]) == 2
    assert "did you mean 'show'?" in capsys.readouterr().err
    (project / "dfguard.toml").write_text("[rules.DG501]\nminimun = 3\n")
    assert main(["config", "show"]) == 2
    assert capsys.readouterr().err.startswith("dfguard: dfguard.toml:2: unknown option `minimun` of DG501")


def test_the_schema_is_valid_and_fits_what_the_documents_show(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "schema"]) == 0
    made = json.loads(capsys.readouterr().out)
    jsonschema.Draft7Validator.check_schema(made)
    assert tuple(made["properties"]) == KEYS
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    for example in re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        jsonschema.validate(tomli.loads(example), made)


@pytest.mark.parametrize(
    "text",
    [
        'selct = ["DG1"]', 'select = "DG1"', 'select = ["DL3006"]', 'preset = "most"', 'pedantic = "yes"',
        '[severity]\nDG101 = "eror"', "[rules.DG998]", "[rules.DG501]\nmaximum = 3", '[rules.DG501]\nminimum = "3"',
        "[[overrides]]\nignore = []", '[[overrides]]\nfiles = ["x"]\nextends = "y"', "required-version = 1",
    ],
)  # fmt: skip
def test_the_schema_refuses_what_the_program_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomli.loads(text), schema())
    (tmp_path / "dfguard.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    assert main(["config", "show", "--config", "dfguard.toml"]) == 2
    assert re.match(r"dfguard: dfguard\.toml:\d+: ", capsys.readouterr().err)
