"""Images that are meant to hurt, through the command line: one clear message, bounded time and memory."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hostile import CASES, Hostile

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs the limits and names of POSIX")

MEMORY = 1536 << 20  # bytes of address space for the program, with a million entries in its hands
SECONDS = 600 if os.environ.get("DFGUARD_FULL") else 240  # of CPU for all cases together

# All in one process, as its start is most of what a case costs; each tells of itself before the next begins.
_PROGRAM = """
import contextlib, io, json, sys
from dfguard.cli.main import main
for line in sys.stdin:
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in "oe")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["image", *json.loads(line)])
    out.flush(), err.flush()
    said = (each.buffer.getvalue().decode("utf-8") for each in (out, err))
    print(json.dumps([code, *(text[:100_000] for text in said)]), flush=True)
"""


def run(*commands: list[str]) -> list[tuple[int, str, str]]:
    """The program with each of some arguments, in a process that may take so much and no more."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

    cache = os.path.join(tempfile.gettempdir(), "dfguard-tests-hostile")  # not among the files that are compared
    environment = {
        **os.environ,
        "DFGUARD_CACHE_DIR": cache,
        "PYTHONPATH": str(Path(__file__).parent.parent.parent),
        "PYTHONUTF8": "1",
    }
    made = subprocess.run(
        [sys.executable, "-c", _PROGRAM], input="\n".join(map(json.dumps, commands)), env=environment,
        capture_output=True, encoding="utf-8", timeout=SECONDS + 40, check=False, preexec_fn=limit,
    )  # fmt: skip
    told = [tuple(json.loads(line)) for line in made.stdout.splitlines()]
    assert len(told) == len(commands), f"died at {commands[len(told)]}: {made.stderr[-2000:]}"
    return told


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Any, ...]]:
    """What was said of each case; the list of files before and after."""
    root = tmp_path_factory.mktemp("hostile")
    commands = []
    for index, case in enumerate(CASES):
        folder = root / "a" / "b" / str(index)
        folder.mkdir(parents=True)
        commands.append([str(case.make(folder))])
    before = sorted(str(path) for path in root.parent.rglob("*"))
    said = dict(zip((case.name for case in CASES), run(*commands), strict=True))
    assert sorted(str(path) for path in root.parent.rglob("*")) == before
    return said


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_is_said_in_one_line_and_ends(case: Hostile, told: dict[str, tuple[Any, ...]]) -> None:
    code, out, err = told[case.name]
    assert "Traceback" not in out + err
    assert "\x1b" not in out + err
    assert code == case.code, err
    if code == 2:
        assert out == ""
        assert len(err.splitlines()) == 1
        assert re.search(case.says, err)
        assert re.match(r"dfguard: \S+/(image\.tar|layout): ", err)
    else:
        assert re.search(case.says, out), out[:3000]
