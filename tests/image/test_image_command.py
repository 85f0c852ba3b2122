"""`dfguard image` by the command line: reports and gates."""

from __future__ import annotations

import io
import json
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest
from image_archives import docker_archive, layer_tar
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from dfguard.cli.main import main
from dfguard.errors import ConfigError
from dfguard.report.image.gates import Gates, read_dive_ci

LAYERS = [
    layer_tar({"base": b"x" * 1000}),
    layer_tar({"app/big": b"y" * 5000, "app/kept": b"z"}),
    layer_tar({"app/.wh.big": b"", "new": b"1"}),
]


@pytest.fixture
def image(tmp_path: Path) -> str:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(LAYERS))
    return str(path)


def test_the_report_names_each_layer_its_instruction_and_what_it_hides(
    image: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["image", image]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "size        6.0 kB in 3 layers, of which 5.0 kB no container sees" in lines
    assert [line.split() for line in lines if line.startswith("    1")] == [
        ["1", "5.0", "kB", "5.0", "kB", "2", "0", "0", "RUN", "step", "1"]
    ]
    assert "    5.0 kB  /app/big  in layer 1, deleted in layer 2" in lines


def test_the_json_is_what_its_schema_says(image: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["image", image, "--format", "json", "--lowest-efficiency", "1"]) == 1
    data = json.loads(capsys.readouterr().out)
    schema = files("dfguard.report.image").joinpath("image_schema.json").read_text(encoding="utf-8")
    Draft202012Validator(json.loads(schema)).validate(data)
    assert data["waste"] == [{"path": "/app/big", "size": 5000, "layer": 1, "fate": "deleted", "by": 2}]
    assert data["config"]["env"] == ["A"]
    assert [failed["gate"] for failed in data["failed"]] == ["lowestEfficiency"]


def test_findings_are_told_in_the_formats_of_a_check(
    image: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "with-key.tar"
    key = "-----BEGIN RSA " + "PRIVATE KEY-----\n" + "QUJD" * 16 + "\n-----END RSA " + "PRIVATE KEY-----\n"
    path.write_bytes(docker_archive([layer_tar({"srv/id_rsa": key.encode()})]))
    sarif = tmp_path / "out.sarif"
    assert main(["image", str(path), "--format", "github", "--output", f"sarif={sarif}", "--select", "DG901"]) == 1
    assert "::error title=DG901 secret-in-layer::" in capsys.readouterr().out
    assert main(["image", image, "--format", "github", "--lowest-efficiency", "1"]) == 1
    assert "dfguard: failed: lowestEfficiency is " in capsys.readouterr().err
    (result,) = json.loads(sarif.read_text(encoding="utf-8"))["runs"][0]["results"]
    assert result["ruleId"] == "DG901"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "srv/id_rsa"


@pytest.mark.parametrize(
    ("option", "passes", "fails"),
    [
        ("--highest-wasted-bytes", "5000", "4.9kB"),
        ("--highest-user-wasted-percent", "0.9997", "0.9"),
        ("--lowest-efficiency", "0.16", "0.17"),
    ],
)
def test_each_gate_passes_up_to_dives_figure(image: str, option: str, passes: str, fails: str) -> None:
    """/app/big stands in two layers, with 5,000 bytes and as a whiteout: all of it is waste."""
    assert main(["image", image, option, passes]) == 0
    assert main(["image", image, option, fails]) == 1


def test_a_gate_that_is_not_passed_fails_and_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive([layer_tar({"a": b"1" * 100}), layer_tar({"a": b"2" * 100})]))
    (tmp_path / ".dive-ci").write_text("rules:\n  lowestEfficiency: 0.95\n  highestWastedBytes: 1KB\n")
    assert main(["image", str(path), "--dive-ci", str(tmp_path / ".dive-ci")]) == 1
    assert "failed: lowestEfficiency is 0.5000, the gate is 0.95" in capsys.readouterr().out
    assert main(["image", str(path), "--dive-ci", str(tmp_path / ".dive-ci"), "--lowest-efficiency", "0.5"]) == 0


def test_dive_ci_files_as_people_write_them() -> None:
    text = """\
rules:
  # If the efficiency is measured below X%, mark as failed.
  lowestEfficiency: 0.95
  highestWastedBytes: 20MB  # SI units
  highestUserWastedPercent: disabled
"""
    assert read_dive_ci(".dive-ci", text) == Gates(0.95, 20_000_000, None)
    assert read_dive_ci(".dive-ci", 'rules:\n  lowest-efficiency: "0.9"\n') == Gates(0.9, None, None)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("lowestEfficency: 1", "expected `rules:` or one of lowestEfficiency"),
        ("lowestEfficiency: 95", "expected a number from 0 to 1"),
        ("highestWastedBytes: many", "expected bytes, such as 20MB"),
    ],
)
def test_a_wrong_gate_is_named_with_its_line(line: str, says: str) -> None:
    with pytest.raises(ConfigError, match=rf"^\.dive-ci:2: .*{says}"):
        read_dive_ci(".dive-ci", f"rules:\n  {line}\n")


def test_what_was_not_looked_into_is_counted_and_listed_on_request(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inner, outer = io.BytesIO(), io.BytesIO()
    for out, name, data in ((inner, "a.txt", b"x"), (outer, "lib/b.jar", inner)):
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(name, data if isinstance(data, bytes) else data.getvalue())
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive([layer_tar({"app.zip": outer.getvalue()})]))
    counted = f"dfguard: {path}: 1 file not looked into for secrets: 1 nested"
    assert main(["image", str(path)]) == 0
    assert capsys.readouterr().err.splitlines() == [counted]
    assert main(["image", str(path), "--show-skipped"]) == 0
    listed = "dfguard: /app.zip: nested: 'lib/b.jar' is an archive within it"
    assert capsys.readouterr().err.splitlines() == [counted, listed]


def test_another_platform_than_that_of_the_only_image_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(LAYERS))
    main(["image", str(path), "--format", "json"])
    config = json.loads(capsys.readouterr().out)["config"]
    real = config["platform"]
    assert main(["image", str(path), "--platform", "plan9/mips"]) == 2
    assert f"no image fits --platform plan9/mips; it holds one for {real}" in capsys.readouterr().err
    assert main(["image", str(path), "--platform", real]) == 0
    assert main(["image", str(path), "--platform", real.partition("/")[0]]) == 0
