"""The job for GitHub Actions in docs/verify.md: its steps, run literally against a real engine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import layers
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "secrets"))
from secret_fakes import checksummed

pytestmark = pytest.mark.engine

PAGE = Path(__file__).parent.parent.parent / "docs" / "verify.md"
BASE = "busybox:dfguard-recipe-test"
TAG = "dfguard-recipe-test"


@pytest.fixture(scope="module", autouse=True)
def base_image() -> Iterator[None]:
    """A small base image from the machine's own static busybox."""
    with layers.based(f"app:{TAG}", BASE):
        yield


def steps() -> list[str]:
    """The commands of the job; what it tests is installed here already."""
    found = re.findall(r"^ +- run: (.+)$", PAGE.read_text(encoding="utf-8"), re.M)
    assert found[0] == "pip install dockerfile-guard"
    return [step.replace("${{ github.sha }}", TAG) for step in found[1:]]


def played(folder: Path) -> subprocess.CompletedProcess[str]:
    """The steps as the runner's shell takes them, each after the other until one fails."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    script = "\n".join(steps())
    return subprocess.run(
        ["bash", "-e", "-c", script], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_a_secret_that_is_copied_fails_the_job_and_stands_in_what_is_uploaded(tmp_path: Path) -> None:
    token = checksummed("gh" + "p_", seed="recipe")
    (tmp_path / ".env").write_text(f"GITHUB_TOKEN={token}\n")
    (tmp_path / "Dockerfile").write_text(f"FROM {BASE}\nCOPY . /srv/\nUSER 10\n")
    run = played(tmp_path)
    assert run.returncode == 1 and (tmp_path / "image.sarif").exists(), run.stderr[-600:]
    told = json.loads((tmp_path / "image.sarif").read_text())
    found = {each["ruleId"] for each in told["runs"][0]["results"]}
    assert found & {"DG102", "DG901"}
    assert token not in json.dumps(told)


def test_an_image_without_findings_passes(tmp_path: Path) -> None:
    (tmp_path / "app").write_text("x")
    (tmp_path / ".dockerignore").write_text("*\n!app\n")
    (tmp_path / "Dockerfile").write_text(f"FROM {BASE}\nCOPY app /srv/app\nUSER 10\n")
    run = played(tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr[-600:]
    assert json.loads((tmp_path / "image.sarif").read_text())["version"] == "2.1.0"
