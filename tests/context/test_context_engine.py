"""The walk beside a real builder: random trees and ignore files, a hundred named contexts a build.

A named context is filtered by its own ignore file, by the same code as the main one. DFGUARD_CONTEXT_CASES
says how many trees to compare (100 without it). What the builder refuses is left to the oracle
(test_context_oracle.py): here one bad line would fail the build of all the others.
"""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
from itertools import count, islice
from pathlib import Path
from random import Random

import pytest
from context_trees import ignore, kept, lay_out
from ignore_cases import case

from dfguard.context.tree import read_context

CASES = int(os.environ.get("DFGUARD_CONTEXT_CASES", "100"))
PER_BUILD = 100  # from about 130 COPYs in a stage on, the engine says "max depth exceeded"

pytestmark = pytest.mark.engine

Case = tuple[str, str, list[str]]  # folder, text of the ignore file, paths that are foretold


@pytest.fixture(scope="module", autouse=True)
def engine() -> None:
    try:
        run = subprocess.run(["docker", "buildx", "version"], capture_output=True, timeout=20)
        run = run if run.returncode else subprocess.run(["docker", "version"], capture_output=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"docker can't be run ({error}); tests/engine/up.sh brings an engine up")
    if run.returncode:
        pytest.skip("no container engine with buildx answers; tests/engine/up.sh brings one up")


def draw(random: Random, folder: Path) -> Case | None:
    """A tree with its ignore file; None for names that are no UTF-8 and for what the builder refuses.

    Control characters are among that: "header key exclude-patterns contains value with non-printable ASCII".
    """
    paths, text = case(random)
    lines = ignore(text)
    controls = any(char < " " or char == "\x7f" for pattern in lines.patterns for char in pattern.text)
    newer = re.search(r"\\[pP]\{?\^?[a-z]", text)  # names of classes in lower case: Go knows them since 1.25
    if lines.error is not None or controls or newer or "\udce9" in text + "".join(paths):
        return None
    root = lay_out(folder, paths)
    (folder / ".dockerignore").write_bytes(text.encode("utf-8", "surrogateescape"))
    context = read_context(root, lines)
    return None if any(error.fatal for error in context.errors) else (root, text, kept(context))


def build(cases: list[Case], work: Path) -> list[set[str]]:
    """What COPY of the whole context brings, for each case."""
    main = work / "main"
    main.mkdir()
    copies = "".join(f"COPY --from=c{number} . /{number}/\n" for number in range(len(cases)))
    (main / "Dockerfile").write_text(f"FROM scratch\n{copies}")
    contexts = [f"--build-context=c{number}={root}" for number, (root, _, _) in enumerate(cases)]
    output = f"type=tar,dest={work}/out.tar"
    command = ["docker", "buildx", "build", "--progress=plain", "--network=none", "--no-cache", *contexts]
    run = subprocess.run([*command, "--output", output, str(main)], capture_output=True, text=True, errors="replace")
    assert run.returncode == 0, run.stderr[-2000:]
    found: list[set[str]] = [set() for _ in cases]
    with tarfile.open(work / "out.tar", encoding="utf-8", errors="surrogateescape") as archive:
        for member in archive:
            number, _, path = member.name.strip("/").partition("/")
            if path:
                found[int(number)].add(path)
    return found


@pytest.mark.parametrize("start", range(0, CASES, PER_BUILD))
def test_what_a_builder_keeps(start: int, tmp_path: Path) -> None:
    random = Random(7919 + start)
    drawn = (draw(random, tmp_path / f"c{number}") for number in count())
    cases = list(islice(filter(None, drawn), min(PER_BUILD, CASES - start)))
    for (root, text, expected), real in zip(cases, build(cases, tmp_path), strict=True):
        assert sorted(real) == sorted(expected), (root, text)
