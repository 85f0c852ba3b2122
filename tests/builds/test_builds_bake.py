"""Bake files are read as `docker buildx bake` reads them, as far as they are static."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import tomli
from real_programs import Build, bake_print, lay_out, own_reading

from dfguard.cli.main import main
from dfguard.context.invocations.bake import _Bake, _read
from dfguard.context.invocations.hcl_reader import read_hcl
from dfguard.discovery import read_source
from dfguard.errors import InputError
from dfguard.source import Source

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = tomli.loads((HERE / "bake_cases.toml").read_text(encoding="utf-8"))["case"]
FACTS = HERE / "bake_facts.json"


def own(case: dict[str, Any], folder: Path) -> dict[str, Build]:
    lay_out(case["files"], folder)
    files = [_read(read_source(str(folder / name))) for name in case["files"]]
    bake = _Bake(files, {}, str(folder))
    return {name: own_reading(bake.build(name, "x"), folder) for name in case["targets"]}


def has_buildx() -> bool:
    """Whether `docker buildx` answers; bake reads files without an engine."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "buildx", "version"], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"].replace(" ", "-")) for case in CASES])
def test_targets_are_read_as_the_real_program_reads_them(case: dict[str, Any], tmp_path: Path) -> None:
    """The facts were recorded from buildx 0.13.1 (with DFGUARD_WRITE=1, by the test below)."""
    assert own(case, tmp_path) == json.loads(FACTS.read_text(encoding="utf-8"))[case["name"]]


@pytest.mark.engine
@pytest.mark.skipif(not has_buildx(), reason="docker buildx can't be run; tests/engine/up.sh brings it")
def test_the_facts_are_those_of_the_real_program(tmp_path: Path) -> None:
    facts = {}
    for number, case in enumerate(CASES):
        folder = tmp_path / str(number)
        lay_out(case["files"], folder)
        facts[case["name"]] = bake_print(folder, [], case["targets"])
    if os.environ.get("DFGUARD_WRITE"):
        FACTS.write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert facts == json.loads(FACTS.read_text(encoding="utf-8"))


def test_what_is_not_static_is_not_known_and_said() -> None:
    text = """
variable "V" { default = upper("x") }
target "a" {
  args = { A = V, B = V == "x" ? "y" : "z", C = "pre-${lower(V)}", D = [for x in ["a"] : x], E = "fine" }
}
"""
    bake = _Bake([read_hcl(Source("docker-bake.hcl", text))], {}, "")
    values = {arg.name: arg.value for arg in bake.build("a", "docker-bake.hcl").arguments}
    assert values == {"A": None, "B": None, "C": None, "D": None, "E": "fine"}


@pytest.mark.parametrize(
    ("matrix", "name", "why"),
    [
        ('{ v = split(",", "a,b") }', "x-${v}", "the values of v are not known"),
        ('{ v = ["a", upper("b")] }', "x-${v}", "the values of v are not known"),
        ('{ v = ["a", "b"] }', "x-${upper(v)}", "its names are not known"),
        ('{ v = ["a", "b"] }', "x", "it makes x twice"),
        ('{ v = ["1.0"] }', "x-${v}", "x-1.0 is no name"),
        ("{ v = [] }", "x-${v}", "it makes 0 targets"),
        ("{ " + "\n".join(f"v{n} = [1, 2]" for n in range(40)) + " }", "x", "it makes 1,099,511,627,776 targets"),
    ],
)
def test_a_matrix_that_is_not_static_is_named(
    matrix: str,
    name: str,
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = ('target "m" {', f'  name = "{name}"', f"  matrix = {matrix}", "}", 'target "other" {}')
    (tmp_path / "docker-bake.hcl").write_text("\n".join(lines))
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    main(("check", "--isolated", "docker-bake.hcl"))
    assert f"docker-bake.hcl:1: target m: a matrix is not evaluated, as {why}" in capsys.readouterr().err


def test_builds_of_a_matrix_are_checked_each_with_its_own_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docker-bake.hcl").write_text(
        'target "m" {\n  name = "m-${s}"\n  matrix = { s = ["one", "two"] }\n  target = s\n}\n'
    )
    (tmp_path / "Dockerfile").write_text("FROM scratch AS one\nCOPY x /\n")
    (tmp_path / "x").write_text("x")
    main(("check", "--isolated", "--format", "json", "docker-bake.hcl"))
    report = json.loads(capsys.readouterr().out)
    assert [build["name"] for build in report["builds"]] == ["docker-bake.hcl:m-one", "docker-bake.hcl:m-two"]
    assert [f["code"] for f in report["findings"] if "two" in f["message"]] == ["DG731"]


@pytest.mark.parametrize(
    ("text", "line"),
    [('a = "x\n', 1), ("target {\n", 2), ("a = <<EOT\nx\n", 1), ("a = " + "[" * 200, 1), ("x = [1 2 \n\n", 3)],
)
def test_what_is_no_hcl_names_its_line(text: str, line: int) -> None:
    with pytest.raises(InputError) as caught:
        read_hcl(Source("docker-bake.hcl", text))
    assert f"line {line}:" in str(caught.value)
