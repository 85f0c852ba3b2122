"""Our reading beside the BuildKit inside Docker 26: `tests/oracle/build.sh` builds the program.

Runs where DFGUARD_DOCKERFILE_ORACLE names it. DFGUARD_DOCKERFILE_CASES says how many mutated files to
compare (400 without it), and ten times as many words.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from buildkit_exceptions import KNOWN, compare, reason
from buildkit_readings import ask, decoded, oracle, ours
from mutations import mutants
from test_dockerfile_parity import COMMITTED, DIFFERENT
from words_table import CASES, ENVIRONMENT, Case

from dfguard.dockerfile.words import expand
from dfguard.source import Source

PROGRAM = os.environ.get("DFGUARD_DOCKERFILE_ORACLE", "")
FILES = int(os.environ.get("DFGUARD_DOCKERFILE_CASES", "400"))

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(not PROGRAM, reason="DFGUARD_DOCKERFILE_ORACLE is not set: see tests/oracle/build.sh"),
]

LITERALS = (
    *("a", "b", "X", "/", ".", "*", "?", "`$", "é", "\u00a0", " ", "\t", "[", "]", "(", ")", "|", "^", "+", "$", "$1"),
    *("\\*", "\\?", "\\\\", "\\/", "\\}", "\\q", "\\$", "$A", "$U", "$EMPTY", "{", "<", "<<", ":", "-", "%", "#", "_"),
    *("\udce9", "\ufeff", "\u2028", "\x1c"),
)
MODIFIERS = ("", "", ":-", "-", ":+", "+", ":?", "?", "#", "##", "%", "%%", "/", "//", "@", "=", "~", ":", ":/", ":=")


def test_committed_files() -> None:
    assert differences(COMMITTED) == Counter(name for names in DIFFERENT.values() for name in names)


def test_mutated_files(tmp_path: Path) -> None:
    """Where a difference is not known, the message shows it; the known ones stay few."""
    paths = []
    for number, data in enumerate(mutants(seed=2026, count=FILES)):
        paths.append(tmp_path / str(number))
        paths[-1].write_bytes(data)
    found = differences(paths)
    print(f"{FILES} files, known differences: {dict(found)}")
    assert set(found) <= set(KNOWN)
    assert sum(found.values()) <= FILES // 10


def differences(paths: list[Path]) -> Counter[str]:
    """How often each reason explains a difference; one that none explains stands for itself."""
    found: Counter[str] = Counter()
    for path, other in zip(paths, oracle(PROGRAM, paths), strict=True):
        source = Source.from_bytes(str(path), path.read_bytes())
        for difference in compare(source, ours(source), other):
            found[reason(difference) or str(difference)] += 1
    return found


def one_byte_each(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def expanded(questions: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Value and error of each word and escape character, by BuildKit's lexer."""
    variables = {one_byte_each(name): one_byte_each(value) for name, value in ENVIRONMENT.items()}
    lines = "".join(
        json.dumps({"word": one_byte_each(word), "escape": escape, "variables": variables}) + "\n"
        for word, escape in questions
    )
    return [(decoded(answer["value"]), answer["error"]) for answer in ask(PROGRAM, ["words"], lines)]


def test_the_table_of_words() -> None:
    """As tests/dockerfile/test_dockerfile_words_engine.py, without an engine."""
    cases = [case for case in CASES if not case.since]
    answers = expanded([(case.raw, case.escape) for case in cases])
    wrong = [(case, answer) for case, answer in zip(cases, answers, strict=True) if not agrees(case, *answer)]
    assert not wrong


def agrees(case: Case, value: str, error: str) -> bool:
    return bool(error) if case.value is None else (value, error) == (case.value, "")


def test_random_words() -> None:
    random = Random(2026)
    questions = [(word(random), random.choice("\\\\`")) for _ in range(FILES * 10)]
    wrong = []
    for (text, escape), (value, error) in zip(questions, expanded(questions), strict=True):
        mine = expand(text, ENVIRONMENT.get, escape)
        newer = error.startswith("panic") or mine.error.startswith(
            ("unsupported modifier (:#", "unsupported modifier (:%")
        )
        if not newer and (bool(mine.error), "" if mine.error else mine.value) != (bool(error), value):
            wrong.append((text, escape, mine, value, error))
    assert not wrong


def word(random: Random, depth: int = 0) -> str:
    return "".join(piece(random, depth) for _ in range(random.randint(depth == 0, 4)))


def piece(random: Random, depth: int) -> str:
    kind = random.random()
    if kind < 0.55 or (depth > 2 and kind > 0.7):
        return random.choice(LITERALS)
    if kind < 0.62:
        return "'" + "".join(random.choice(LITERALS) for _ in range(random.randint(0, 3))) + "'"
    if kind < 0.7:
        return '"' + word(random, depth + 1) + '"'
    name = random.choice(["A", "EMPTY", "PATHS", "X", "BACK", "DOLLAR", "LONG", "U", "Ä", "1", "@", "_u", "V"])
    modifier = random.choice(MODIFIERS)
    inner = "/".join(parts(random, depth, 2 if modifier in ("/", "//") else 1)) if modifier else ""
    return "${" + name + modifier + inner + "}"


def parts(random: Random, depth: int, count: int) -> Iterator[str]:
    for _ in range(count):
        yield word(random, depth + 1)
