"""`dfguard config migrate`: the same checks are on and off as the other tool had them, or it is said which are not."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import tomli

from dfguard import catalog, peers
from dfguard.check import is_on
from dfguard.cli.main import main
from dfguard.config import load_config
from dfguard.migration import ids_of

# Of the shapes that public configurations have.
HADOLINT = {
    "unpinned": "---\nignored:\n  - DL3008\n  - DL4006\n",
    "commented": "# Configuration\nignored:\n  # why\n  - DL3006  # Always tag\n  - DL3003\n  - SC2155\n",
    "not indented": "ignored:\n- DL3006\n- DL3007\n- DL3015\n",
    "threshold": "failure-threshold: warning\nignored: [DL3020, DL3059]\n",
    "override": "override:\n  error: [DL3002]\n  info:\n    - DL3020\n  style: [DL3059]\nignored: [DL3020]\n",
    "partly": "ignored:\n  - DL3014\n  - DL3030\n",
    "wholly": "ignored: [DL3014, DL3030, DL3034, DL3038]\n",
    "registries": "trustedRegistries:\n  - docker.io\n  - '*.gcr.io'\n"
    "label-schema:\n  author: text\nstrict-labels: true\n",
    "output": "no-fail: true\nno-color: true\nformat: sarif\ndisable-ignore-pragma: true\nverbose: false\n",
    "off by severity": "override:\n  ignore: [DL3015]\n",
    "unknown": "ignored: [DL9999, DL3015, 3]\nsurprise: true\n",
    "empty": "",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("HADOLINT_", "DFGUARD_"))]:
        monkeypatch.delenv(name)
    return tmp_path


def migrated(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[dict[str, object], str]:
    """The configuration that is written, and what is said."""
    assert main(["config", "migrate", "--force", *arguments]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    return tomli.loads(Path("dfguard.toml").read_text(encoding="utf-8")), said.err


def off() -> set[str]:
    config = load_config("dfguard.toml", known_codes=catalog.names())
    return {entry.code for entry in catalog.entries() if not entry.preview and not is_on(config, entry)}


@pytest.mark.parametrize("shape", HADOLINT)
def test_hadolint_the_same_codes_are_on_or_it_is_said(
    project: Path, capsys: pytest.CaptureFixture[str], shape: str
) -> None:
    Path(".hadolint.yaml").write_text(HADOLINT[shape])
    _, said = migrated(capsys)
    table = tomli.loads("ignored = []\n[override]\nx = []") if shape == "empty" else _yaml(HADOLINT[shape])
    ignored = {str(code) for code in (*table.get("ignored", ()), *table.get("override", {}).get("ignore", ()))}
    switched_off = off()
    options = load_config("dfguard.toml", known_codes=catalog.names()).options_of("DG301")
    in_part = {code for option, code in (("untagged", "DL3006"), ("latest", "DL3007")) if options.get(option) is False}
    for check in peers.checks():
        for code in (each for tool, each in check.ids if tool == "hadolint" and each.startswith("DL")):
            rules = peers.rules_for(code)
            here_off = bool(rules) and all(rule.code in switched_off or code in in_part for rule in rules)
            if rules and here_off != (code in ignored):
                assert f": {code}: " in said, f"{code} is {'off' if here_off else 'on'} here, and nothing says why"
            if code in ignored and not rules:
                assert f": {code}: no rule here looks for it" in said
    assert all(set(ids_of(entry, "DL3015")) <= ignored for entry in catalog.entries() if entry.code in switched_off)


def _yaml(text: str) -> dict[str, dict[str, list[str]]]:
    import yaml

    found: dict[str, dict[str, list[str]]] = yaml.safe_load(text)
    return found


def test_hadolint_everything_else_is_carried_over_or_told_with_its_line(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(".hadolint.yml").write_text(HADOLINT["override"] + HADOLINT["registries"] + HADOLINT["output"])
    config, said = migrated(capsys)
    assert config == {
        "ignore": ["DG710"],
        "rules": {"DG501": {"severity": "hint"}, "DG801": {"severity": "error"}},
    }
    for line, what in [(7, "trustedRegistries"), (10, "label-schema"), (12, "strict-labels"), (13, "no-fail"),
                       (14, "no-color"), (15, "format"), (16, "disable-ignore-pragma")]:  # fmt: skip
        assert f"dfguard: .hadolint.yml:{line}: `{what}`: " in said
    assert "verbose" not in said


def test_a_rule_that_answers_more_than_is_off_there_stays_on(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path(".hadolint.yaml").write_text(HADOLINT["partly"])
    config, said = migrated(capsys)
    assert "ignore" not in config
    assert ".hadolint.yaml:2: DL3014: DG402 assume-yes-missing answers DL3038, DL3034 too" in said
    Path(".hadolint.yaml").write_text(HADOLINT["wholly"])
    assert migrated(capsys)[0] == {"ignore": ["DG402"]}


@pytest.mark.parametrize(
    ("ignored", "left"),
    [("DL3006", ["FROM debian:latest"]), ("DL3007", ["FROM debian"]), ("DL3006, DL3007", [])],
)
def test_untagged_and_latest_are_two_switches(
    project: Path, capsys: pytest.CaptureFixture[str], ignored: str, left: list[str]
) -> None:
    Path(".hadolint.yaml").write_text(f"ignored: [{ignored}]\n")
    _, said = migrated(capsys)
    assert "DG301" not in said
    lines = ["FROM debian", "FROM debian:latest"]
    Path("Dockerfile").write_text("\n".join(lines) + "\nUSER 1000\n")
    main(["check", "--format", "json"])
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [lines[each["start"]["line"] - 1] for each in found if each["code"] == "DG301"] == left


def test_hadolints_variables_count(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HADOLINT_IGNORE", "DL3015, DL3059")
    monkeypatch.setenv("HADOLINT_OVERRIDE_ERROR", "DL3002")
    monkeypatch.setenv("HADOLINT_FAILURE_THRESHOLD", "style")
    monkeypatch.setenv("HADOLINT_NOFAIL", "1")
    config, said = migrated(capsys)
    assert config == {"ignore": ["DG410", "DG501"], "fail-on": "hint", "rules": {"DG801": {"severity": "error"}}}
    assert "dfguard: environment: `no-fail`: " in said


OTHERS = {
    ".tally.toml": '[output]\nfail-level = "error"\nformat = "sarif"\n[rules]\ninclude = ["buildkit/*"]\n'
    'exclude = ["hadolint/DL3015"]\n[rules.hadolint.DL3002]\nseverity = "error"\n[rules.hadolint.DL3059]\n'
    'severity = "off"\n[inline-directives]\nrequire-reason = true\n',
    "droast.toml": 'skip = ["DF016"]\nno-fail = true\n[severity-overrides]\nDF002 = "error"\n'
    '[[overrides]]\npaths = ["dev/*"]\nskip = ["DF003"]\n',
    ".trivyignore": "# why\nAVD-DS-0002 exp:2030-01-01\nDS029\nCVE-2020-1\n",
    ".trivyignore.yaml": "misconfigurations:\n  - id: AVD-DS-0002\n"
    "    paths: [dev/Dockerfile]\n    expired_at: 2030-01-01\n"
    "vulnerabilities:\n  - id: CVE-2020-1\n",
    ".checkov.yaml": "skip-check: [CKV_DOCKER_3, CKV_DOCKER_8]\nskip-path: [vendor]\nsoft-fail: true\n",
    "Dockerfile": "# syntax=docker/dockerfile:1\n# check=skip=StageNameCasing;error=true\nFROM alpine\n",
}
EXPECTED: dict[str, dict[str, object]] = {
    ".tally.toml": {
        "ignore": ["DG410", "DG501"],
        "fail-on": "error",
        "rules": {"DG801": {"severity": "error"}, "DG803": {"require-reason": True}},
    },
    "droast.toml": {
        "ignore": ["DG410"],
        "rules": {"DG801": {"severity": "error"}},
        "overrides": [{"files": ["dev/*"], "ignore": ["DG501"]}],
    },
    ".trivyignore": {"ignore": ["DG410", "DG801"]},
    ".trivyignore.yaml": {"overrides": [{"files": ["dev/Dockerfile"], "ignore": ["DG801"]}]},
    ".checkov.yaml": {"ignore": ["DG801"], "exclude": ["vendor"]},
    "Dockerfile": {"overrides": [{"files": ["Dockerfile"], "fail-on": "hint"}]},
}
TOLD = {
    ".tally.toml": ".tally.toml:3: `output.format`: ",
    "droast.toml": "droast.toml:2: `no-fail`: ",
    ".trivyignore": ".trivyignore:2: the end of AVD-DS-0002 on 2030-01-01: ",
    ".trivyignore.yaml": ".trivyignore.yaml:6: CVE-2020-1: vulnerabilities are not what rules here look for",
    ".checkov.yaml": ".checkov.yaml:3: `soft-fail`: ",
    "Dockerfile": "Dockerfile:2: `skip=StageNameCasing`: the comment counts here as it stands",
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_tools(project: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    Path(name).write_text(OTHERS[name])
    config, said = migrated(capsys, name)
    assert {key: value for key, value in config.items() if value} == EXPECTED[name]
    assert f"dfguard: {TOLD[name]}" in said
    off()


def test_a_file_that_is_there_is_kept_and_nothing_is_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "migrate"]) == 3
    Path(".hadolint.yaml").write_text("ignored: [DL3015]\n")
    Path("dfguard.toml").write_text("# mine\n")
    assert main(["config", "migrate"]) == 2
    assert "dfguard.toml is there already" in capsys.readouterr().err
    assert Path("dfguard.toml").read_text() == "# mine\n"
    assert main(["config", "migrate", "-o", "-"]) == 0
    assert tomli.loads(capsys.readouterr().out) == {"ignore": ["DG410"]}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (".hadolint.yaml", b"ignored: [DL3015"), (".hadolint.yaml", b"- a\n- b\n"), (".hadolint.yaml", b"\xff\xfe\xff"),
        (".tally.toml", b"[rules\n"), ("droast.toml", b"a = " + b"[" * 9000), (".trivyignore", b"\xff\n"),
        (".checkov.yaml", b"a: &a [*a]\n"), (".hadolint.yaml", b"? [a, b]\n: c\n"),
    ],
)  # fmt: skip
def test_files_that_are_broken_are_told_in_one_line(
    project: Path, capsys: pytest.CaptureFixture[str], name: str, data: bytes
) -> None:
    Path(name).write_bytes(data)
    assert main(["config", "migrate"]) in (0, 2)
    said = capsys.readouterr().err
    assert said.startswith("dfguard: ") and "Traceback" not in said
