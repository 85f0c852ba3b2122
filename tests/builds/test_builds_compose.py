"""Compose projects are read as `docker compose` reads them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import tomli
from real_programs import Build, compose_config, lay_out, own_reading

from dfguard.build_files import project_of
from dfguard.context.invocations.compose import builds_of
from dfguard.context.invocations.compose_files import load
from dfguard.context.invocations.territory import Territory
from dfguard.discovery import read_source

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = tomli.loads((HERE / "compose_cases.toml").read_text(encoding="utf-8"))["case"]
FACTS = HERE / "compose_facts.json"
params = pytest.mark.parametrize("case", [pytest.param(case, id=case["name"].replace(" ", "-")) for case in CASES])


def own(case: dict[str, Any], folder: Path) -> dict[str, Build]:
    """Our reading of a case, by service."""
    lay_out(case["files"], folder)
    territory = Territory(str(folder), read_source)
    args = case.get("args", [])
    named = [str(folder / value) for flag, value in zip(args[::2], args[1::2], strict=True) if flag == "-f"]
    main = next(name for name in case["files"] if name.endswith(("compose.yaml", "compose.yml")))
    paths = tuple(named) or project_of(str(folder / main), territory).paths
    model = load(paths, territory, {})
    assert model.notes == ()
    return {build.place.text.strip("\"'"): own_reading(build, folder) for build in builds_of(model, paths, paths[0])}


@params
def test_a_project_is_read_as_the_real_program_reads_it(case: dict[str, Any], tmp_path: Path) -> None:
    """The facts were recorded from Docker Compose 2.26.1 (with DFGUARD_WRITE=1, by the test below)."""
    facts = json.loads(FACTS.read_text(encoding="utf-8"))
    assert own(case, tmp_path) == facts[case["name"]]


def compose_is_there() -> bool:
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0


@pytest.mark.engine
@pytest.mark.skipif(not compose_is_there(), reason="there is no docker compose")
def test_the_facts_are_those_of_the_real_program(tmp_path: Path) -> None:
    facts = {}
    for number, case in enumerate(CASES):
        folder = tmp_path / str(number)
        lay_out(case["files"], folder)
        facts[case["name"]] = compose_config(folder, case.get("args", []))
    if os.environ.get("DFGUARD_WRITE"):
        FACTS.write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    assert facts == json.loads(FACTS.read_text(encoding="utf-8"))
