"""Laying out a Dockerfile changes nothing of what it means: for BuildKit, for people, and for this program."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dfguard.dockerfile.meaning import meaning
from dfguard.dockerfile.scan import scan
from dfguard.edit import Edit, apply
from dfguard.formatting import formatted
from dfguard.source import Source

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "dockerfile"))
CASES = int(os.environ.get("DFGUARD_DOCKERFILE_CASES", "400"))
PROGRAM = os.environ.get("DFGUARD_DOCKERFILE_ORACLE", "")


def laid_out(text: str) -> str:
    source = Source("Dockerfile", text)
    return apply(source, formatted(source))


def committed() -> list[str]:
    """The Dockerfiles of stories and tests."""
    paths = sorted({*ROOT.glob("examples/**/Dockerfile*"), *ROOT.glob("tests/corpus/**/*ockerfile*")})
    return [Source.from_bytes(str(path), path.read_bytes()).text for path in paths if path.is_file()]


def untidied(random: Random, text: str) -> str:
    """A text with white space and letter case changed at random, where that may or may not matter."""
    rows = text.split("\n")
    for _ in range(random.randrange(1, 8)):
        at = random.randrange(len(rows))
        row = rows[at]
        rows[at] = random.choice(
            (row + "  ", row + "\t", "  " + row, row.replace(" ", "  ", 1), row.lower(), row.replace(" ", "\t", 1),
             row + " \\", row + "\r", row.lstrip(), row + "\n\n\n\n", "onbuild " + row, row.replace("AS", "as"))
        )  # fmt: skip
    return "\n".join(rows)[: None if random.random() < 0.7 else -1]


def texts() -> list[str]:
    """Seeded examples: committed files made untidy, and the mutants that the parser is tested with."""
    from mutations import mutants

    random, known = Random("layout"), committed()
    found = [untidied(random, random.choice(known)) for _ in range(CASES)]
    for data in mutants(seed=7, count=CASES):
        if b"\0" not in data and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            found.append(untidied(random, Source.from_bytes("Dockerfile", data).text))
    return found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("FROM  a\nrun\tls  \n", "FROM a\nRUN ls\n"),
        ("from a\nrun ls\nUSER 1", "from a\nrun ls\nuser 1\n"),
        ("FROM a as b\r\nUSER 1", "FROM a AS b\r\nUSER 1\r\n"),
        ("FROM a\n\n \n\n\nUSER 1\n\n\n", "FROM a\n\n\nUSER 1\n"),
        ("# hello  \nFROM a\n", "# hello\nFROM a\n"),
        ("FROM a\nCOPY b \\ \n    c \\\n\td /e/\n", "FROM a\nCOPY b \\\n    c \\\n    d /e/\n"),
    ],
)
def test_what_is_laid_out(before: str, after: str) -> None:
    assert laid_out(before) == after


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN b \\\n    c \\\n\td\n",  # a shell is given these blanks, and the cache of the build knows them
        "FROM a\nRUN <<EOF\nls  \n\n\n\n\nEOF\n",
        "FROM a\nCOPY <<EOF /x\nuser 1  \nEOF\n",
        'FROM a\nENV A="1 \\\n    2 \\\n\t3"\n',
        "FROM a\nONBUILD run  ls  \n",  # the image holds this text
        "FROM a\nRUN <<EOF\nls  \n",  # refused: the heredoc is never closed
        "FROM a\nFRMO  b\n",  # nobody knows what is meant
    ],
)
def test_what_is_left_alone(text: str) -> None:
    assert laid_out(text) == text


def test_blank_lines_do_not_make_a_directive_of_a_comment() -> None:
    text = "\n\n\n\n# escape=`\nFROM a\n"
    assert scan(Source("x", laid_out(text))).escape == "\\"


def test_an_edit_that_would_change_the_meaning_is_seen() -> None:
    """The guard itself: what it calls equal is equal."""
    source = Source("Dockerfile", "FROM a\nRUN b  c\n# d\nONBUILD run e\n")
    for old, new in (("b  c", "b c"), ("# d\n", ""), ("run e", "RUN e"), ("FROM a", "FROM A")):
        start = source.text.index(old)
        edit = Edit(source.span(start, start + len(old)), new)
        assert meaning(Source("Dockerfile", apply(source, [edit]))) != meaning(source)


def test_the_meaning_stays_and_twice_is_once() -> None:
    number = 0
    for text in texts():
        new = laid_out(text)
        number += new != text
        assert meaning(Source("Dockerfile", new)) == meaning(Source("Dockerfile", text))
        assert laid_out(new) == new
    assert number > CASES / 2


def test_a_part_of_a_file_is_laid_out_alone() -> None:
    source = Source("Dockerfile", "FROM  a\nRUN  b\nRUN  c\n")
    start = source.text.index("RUN  b")
    assert apply(source, formatted(source, start, start + 6)) == "FROM  a\nRUN b\nRUN  c\n"


@pytest.mark.oracle
@pytest.mark.skipif(not PROGRAM, reason="DFGUARD_DOCKERFILE_ORACLE is not set: see tests/oracle/build.sh")
def test_buildkit_reads_the_same(tmp_path: Path) -> None:
    from buildkit_readings import ask

    pairs = [(text, laid_out(text)) for text in texts()]
    paths = []
    for number, text in enumerate(text for pair in pairs for text in pair):
        paths.append(tmp_path / str(number))
        paths[-1].write_bytes(Source("Dockerfile", text).data)
    answers = ask(PROGRAM, [], "".join(f"{path}\n" for path in paths))
    assert len(answers) == 2 * len(pairs)
    for (text, _), before, after in zip(pairs, answers[::2], answers[1::2], strict=True):
        assert _read(before) == _read(after), text


def _read(answer: dict[str, Any]) -> Any:
    """What BuildKit reads, without line numbers and the letter case of keywords."""
    if answer["error"]:
        return "refused"
    return answer["escape"], [_instruction(each) for each in answer["instructions"]]


def _instruction(each: dict[str, Any] | None) -> Any:
    if each is None:
        return None
    words = list(each["words"])
    keyword = each["keyword"].lower()
    if keyword == "from" and len(words) == 3:
        words[1] = words[1].lower()
    return keyword, each["flags"], each["json"], words, each["heredocs"], _instruction(each["trigger"])
