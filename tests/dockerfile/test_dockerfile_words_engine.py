"""The table of words_cases.toml beside a real container engine: tests/engine/up.sh brings one up.

What a word expands to is read back from the configuration of an image with an ENV line for each case;
what the builder refuses is a stage each, built on its own.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from words_table import CASES, ENVIRONMENT, Case

from dfguard.dockerfile.words import quoted_words

pytestmark = pytest.mark.engine
IMAGE = "dfguard-words"


def docker(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *arguments], capture_output=True, encoding="utf-8", timeout=120)


@pytest.fixture(scope="module")
def version() -> tuple[int, ...]:
    """The version of the engine."""
    try:
        run = docker("version", "--format", "{{.Server.Version}}")
    except (OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"docker can't be run ({error}); tests/engine/up.sh brings an engine up")
    if run.returncode:
        pytest.skip(f"no engine answers ({' '.join(run.stderr.split())[:160]}); tests/engine/up.sh brings one up")
    return numbers(run.stdout)


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.strip().split("+")[0].split(".") if part.isdigit())


def known_to(version: tuple[int, ...], case: Case) -> bool:
    return not case.since or numbers(case.since) <= version


def environment() -> Iterator[str]:
    for name, value in ENVIRONMENT.items():
        yield f"ENV {name}='{value}'" if "'" not in value else f'ENV {name}="{value}"'


def build(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return docker("build", "--quiet", "--network", "none", *arguments, str(folder))


@pytest.mark.parametrize("escape", ["\\", "`"])
def test_values(escape: str, version: tuple[int, ...], tmp_path: Path) -> None:
    """One image with each case twice: `ENV name word`, and where the word holds no blanks `ENV name=word`."""
    cases = [case for case in CASES if case.escape == escape and case.value is not None and known_to(version, case)]
    lines, expected = [f"# escape={escape}", "FROM scratch", *environment()], dict(ENVIRONMENT)
    for number, case in enumerate(cases):
        if case.raw:
            lines.append(f"ENV LEGACY{number} {case.raw}")
            expected[f"LEGACY{number}"] = case.value or ""
        if quoted_words(case.raw, 0, len(case.raw), escape) in ([(0, len(case.raw))], []):
            lines.append(f"ENV CASE{number}={case.raw}")
            expected[f"CASE{number}"] = case.value or ""
    (tmp_path / "Dockerfile").write_text("\n".join(lines) + "\n", encoding="utf-8")
    built = build(tmp_path, "--tag", IMAGE)
    assert built.returncode == 0, built.stderr
    inspected = docker("image", "inspect", "--format", "{{json .Config.Env}}", IMAGE)
    docker("image", "rm", "--force", IMAGE)
    found = dict(entry.split("=", 1) for entry in json.loads(inspected.stdout))
    found.pop("PATH")  # the engine's own
    wrong = {name: (found.get(name), value) for name, value in expected.items() if found.get(name) != value}
    assert not wrong
    assert found.keys() == expected.keys()


def test_what_the_builder_refuses(version: tuple[int, ...], tmp_path: Path) -> None:
    cases = [case for case in CASES if case.value is None and known_to(version, case)]
    assert {case.escape for case in cases} == {"\\"}
    lines = ["FROM scratch AS base", *environment(), "FROM base AS fine", "ENV FINE $A"]
    for number, case in enumerate(cases):
        lines += [f"FROM base AS case{number}", f"ENV CASE {case.raw}"]
    (tmp_path / "Dockerfile").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert build(tmp_path, "--target", "fine").returncode == 0
    with ThreadPoolExecutor(2) as pool:
        runs = pool.map(lambda number: build(tmp_path, "--target", f"case{number}"), range(len(cases)))
    assert [case.raw for case, run in zip(cases, runs, strict=True) if not run.returncode] == []


def test_newer_cases_say_why() -> None:
    assert all(case.why for case in CASES if case.since)
