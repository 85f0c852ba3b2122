"""Cutting into lines: three records side by side, and what scan keeps of each line."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import dfguard
from dfguard.dockerfile.nodes import Blank, Comment, Directive
from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.scan import RawInstruction, scan, second_reading
from dfguard.source import Source

buildkit: Any = import_module("dockerfile")  # by name: for mypy this folder has the same one
CORPUS = Path(__file__).parent.parent / "corpus"

# file -> the lines where dockerfile-parse reads otherwise, and why
SECOND = {
    "byte-order-mark": [(3, "byte-order-mark")],
    "byte-order-mark-before-from": [(1, "byte-order-mark")],
    "continuation-at-end-of-file": [(2, "blank-line")],
    "continuation-comments-and-blanks": [(2, "blank-line")],
    "continuation-lone-escape": [(2, "lone-escape"), (4, "blank-line")],
    "continuation-trailing-blanks": [(5, "doubled-escape"), (6, "doubled-escape")],
    "heredoc-run": [(2, "heredoc")],
    "heredoc-two-on-one-line": [(2, "heredoc")],
    "keywords-alone": [],
    "escape-backtick": [(7, "heredoc")],
    "flags-of-all-kinds": [],
    "json-forms": [],
    "key-values": [],
    "crlf-line-ends": [],
}


def read(name: str) -> Source:
    return Source.from_bytes(name, (CORPUS / f"{name}.Dockerfile").read_bytes())


def lines(text: str) -> list[tuple[int, int]]:
    raws = [item for item in scan(Source("Dockerfile", text)).items if isinstance(item, RawInstruction)]
    return [(raw.span.start_line, raw.span.end_line) for raw in raws]


@pytest.mark.parametrize("name", sorted(SECOND))
def test_three_records_side_by_side(name: str) -> None:
    """Ours is BuildKit's; where dockerfile-parse differs, the place and the reason are known."""
    source = read(name)
    ours = [(node.start_line, node.end_line) for node in parse(source).instructions]
    oracle = buildkit.parse_file(str(CORPUS / f"{name}.Dockerfile"))
    assert ours == [(command.start_line, command.end_line) for command in oracle]
    assert [(entry.line, entry.reason) for entry in second_reading(source)] == SECOND[name]


def test_second_reading_has_a_sentence_for_each_place() -> None:
    (entry,) = second_reading(read("heredoc-run"))
    assert entry.message == "the body of a heredoc is read as instructions"
    assert entry.span.text.startswith("RUN <<EOF")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("FROM a\nRUN", "bare-keyword"),
        ("FROM a\nRUN b \\\n", "unfinished"),
        ("FROM a\nRUN b \\\x0b\nCMD c\n", "escaped-blank"),
    ],
)
def test_more_reasons_of_the_second_reading(text: str, reason: str) -> None:
    assert {entry.reason for entry in second_reading(Source("Dockerfile", text))} == {reason}


def test_items_in_order() -> None:
    text = "# escape=`\n# note\n\n  FROM a `\n b\n \t\n#\nRUN c"
    found = scan(Source("Dockerfile", text)).items
    assert [type(item) for item in found] == [Directive, Comment, Blank, RawInstruction, Blank, Comment, RawInstruction]
    assert [item.span.text for item in found] == ["# escape=`", "# note", "", "FROM a `\n b", " \t", "#", "RUN c"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM a\nRUN b \\\n\n\n", [(1, 1), (2, 4)]),
        ("FROM a\nRUN b \\\n", [(1, 1), (2, 2)]),
        ("FROM a\nRUN b \\\n# c", [(1, 1), (2, 3)]),
        ("FROM a\n\\\n\n", [(1, 1), (2, 3)]),
        ("FROM a\nRUN <<E\n\n", [(1, 1), (2, 3)]),
        ("FROM a\nRUN <<E\nx\nE", [(1, 1), (2, 4)]),
        ("FROM a\nRUN b\\\\\nRUN c", [(1, 1), (2, 2), (3, 3)]),
    ],
)
def test_last_lines(text: str, expected: list[tuple[int, int]]) -> None:
    assert lines(text) == expected


def test_logical_line_leads_back_to_the_source() -> None:
    text = "FROM a\nRUN one \\\n  # note\n\n two \\\n   three\n"
    raw = scan(Source("Dockerfile", text)).items[1]
    assert isinstance(raw, RawInstruction)
    assert raw.line.text == "RUN one  two    three"
    assert raw.blank_lines == (4,)
    for word in ("one", "two", "three"):
        at = raw.line.text.index(word)
        assert raw.line.span(at, at + len(word)).text == word
    assert raw.line.span(4, len(raw.line.text)).text == text[text.index("one") : -1]


def test_dockerfile_parse_is_imported_only_for_the_second_reading() -> None:
    path = [str(Path(dfguard.__file__).parent.parent), *sys.path]  # an editable install isn't found without site
    code = f"""
import sys
sys.path[:0] = {path!r}
from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.stages import build_graph
from dfguard.source import Source
build_graph(parse(Source("x", 'FROM a\\nRUN <<E\\nE\\nCMD ["a"]')))
slow = ("logging", "json", "inspect", "dataclasses", "pathlib", "shlex", "subprocess", "tempfile", "dockerfile_parse")
print([name for name in slow if name in sys.modules])
"""
    command = [sys.executable, "-I", "-S", "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
