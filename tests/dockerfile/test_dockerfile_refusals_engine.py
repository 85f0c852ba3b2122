"""The table of refusals_cases.toml beside a real container engine: tests/engine/up.sh brings one up.

Each case is a build of its own. DFGUARD_REFUSALS says how many of them to try (40 without it), drawn by
the seed DFGUARD_SEED; DFGUARD_FULL=1 tries all. A file without FROM is never sent: engines of version 26
fall over it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
from refusals_table import CASES, Case

pytestmark = pytest.mark.engine

COUNT = int(os.environ.get("DFGUARD_REFUSALS", "40"))
FILES = ("a", "b", "c", "x", "y", "it's", "a'", "'", "a@b", "ftp:/a", "github.com/a/b")


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


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build context with all that the cases copy."""
    folder = tmp_path_factory.mktemp("context")
    busybox = next((path for path in ("/bin/busybox", "/usr/bin/busybox") if os.path.exists(path)), None)
    if busybox is None:
        pytest.skip("no static busybox here for the cases that run something; tests/engine/up.sh installs one")
    shutil.copy(busybox, folder / "busybox")
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x\n", encoding="utf-8")
    return folder


def drawn(version: tuple[int, ...]) -> list[Case]:
    known = [c for c in CASES if c.kind not in ("no-stage", "empty-file") and numbers(c.since) <= version]
    if os.environ.get("DFGUARD_FULL") == "1":
        return known
    return Random(int(os.environ.get("DFGUARD_SEED", "2026"))).sample(known, min(COUNT, len(known)))


def build(folder: Path, number: int, case: Case) -> str:
    """What is wrong with our reading of a case, "" for nothing."""
    path = folder / f"Dockerfile.{number}"
    path.write_bytes(case.file.encode())
    secret = f"id=a,src={folder / 'a'}"
    options = ("--network", "none", "--output", "type=cacheonly", "--secret", secret)
    built = docker("build", "--quiet", *options, "--file", str(path), str(folder))
    if (built.returncode != 0) == bool(case.kind):
        return ""
    return f"{case.shown!r}: {' '.join(built.stderr.split())[-200:] or 'the engine takes it'}"


def test_the_engine_agrees(version: tuple[int, ...], context: Path) -> None:
    cases = drawn(version)
    with ThreadPoolExecutor(2) as pool:
        wrong = list(pool.map(lambda item: build(context, *item), enumerate(cases)))
    print(f"{len(cases)} cases, {sum(bool(case.kind) for case in cases)} of them refused")
    assert [line for line in wrong if line] == []
