"""The walk and the matcher beside the docker client's own: `tests/oracle/build.sh` builds it.

Runs where DFGUARD_IGNORE_ORACLE names the program; DFGUARD_IGNORE_CASES says how many random
contexts to compare (600 without it).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from context_trees import from_patterns, ignore, kept, lay_out
from ignore_cases import case
from test_context_pattern import VERDICTS

from dfguard.context.ignore import read_lines
from dfguard.context.tree import read_context
from dfguard.source import Source

PROGRAM = os.environ.get("DFGUARD_IGNORE_ORACLE", "")
CASES = int(os.environ.get("DFGUARD_IGNORE_CASES", "600"))
AT_ONCE = 2_000  # contexts of one test: fifty thousand would take longer than a test may
TESTS = max(3, -(-CASES // AT_ONCE))

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(not PROGRAM, reason="DFGUARD_IGNORE_ORACLE is not set: see tests/oracle/build.sh"),
]


class Oracle:
    """The program, asked line by line; one character stands for one byte."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def ask(self, text: str, *, root: str = "", match: list[str] | None = None) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        question = {"root": to_bytes(root), "ignore": to_bytes(text), "match": [to_bytes(path) for path in match or ()]}
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


def to_bytes(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


@pytest.fixture
def oracle() -> Iterator[Oracle]:
    program = Oracle()
    yield program
    program.process.communicate()


@pytest.mark.parametrize("seed", range(TESTS))
def test_random_contexts(seed: int, oracle: Oracle, tmp_path: Path) -> None:
    random = Random(seed)
    for _ in range(-(-CASES // TESTS)):
        paths, text = case(random)
        root = lay_out(tmp_path / "c", paths)
        answer = oracle.ask(text, root=root)
        context = read_context(root, ignore(text))
        lines = [to_bytes(line.text) for line in read_lines(Source("", text))]
        assert lines == (answer["patterns"] or []), (text, paths)
        refused = any(error.fatal for error in context.errors)
        assert refused == bool(answer["error"]), (text, paths, answer["error"])
        if not refused:
            assert sorted(map(to_bytes, kept(context))) == sorted(answer["kept"] or []), (text, paths)
        shutil.rmtree(root)


@pytest.mark.parametrize(("pattern", "hits", "misses"), VERDICTS)
def test_verdicts(pattern: str, hits: str, misses: str, oracle: Oracle) -> None:
    """The table of the pattern tests is moby's own answer."""
    paths = [path for path in (hits + " " + misses).split(" ") if path]
    answer = oracle.ask(f" {pattern}\n", match=paths)
    assert not answer["error"]
    assert answer["matches"] == [from_patterns([pattern]).as_pathspec().match_file(path) for path in paths]
