"""Pipelines: their parts, and whether their exit status counts."""

from __future__ import annotations

import pytest

from dfguard.dockerfile.nodes import Run
from dfguard.dockerfile.parse import parse
from dfguard.shell.pipelines import Pipeline, pipelines, status_counts
from dfguard.shell.script import Script, read_script
from dfguard.source import Source


def read(text: str) -> Script:
    run = parse(Source("Dockerfile", f"FROM x\nRUN {text}\n")).instructions[1]
    assert isinstance(run, Run)
    return read_script(run.arguments, heredocs=run.heredocs, interpreter="bash")


def programs(pipe: Pipeline) -> list[list[str]]:
    return [[command.program for command in part] for part in pipe.parts]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a | b", [[["a"], ["b"]]]),
        ("a |& b \\\n | c", [[["a"], ["b"], ["c"]]]),
        ("a && b || c; d & e", []),
        ("a | b && c | d", [[["a"], ["b"]], [["c"], ["d"]]]),
        ("yes | (a && b)", [[["yes"], ["a", "b"]]]),
        ("a | { b; c; }", [[["a"], ["b", "c"]]]),
        ("bash -c 'a | b'", [[["a"], ["b"]]]),
        ("echo 'a | b' \"c | d\" e\\|f", []),
        ("x=$(a | b) c", [[["a"], ["b"]]]),
        ("<<EOF\na | b\nc\nEOF", [[["a"], ["b"]]]),
    ],
)
def test_parts(text: str, parts: list[list[list[str]]]) -> None:
    assert [programs(pipe) for pipe in pipelines(read(text))] == parts


def test_left_right_and_place() -> None:
    (pipe,) = pipelines(read("one --x | two | three y && four"))
    assert [command.program for command in pipe.left] == ["one", "two"]
    assert [command.program for command in pipe.right] == ["three"]
    assert pipe.span.text == "one --x | two | three y"


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("a | b", True),
        ("a | b; c", True),
        ("(a | b)", True),
        ("a | b || true", False),
        ("a | b \\\n || true", False),
        ("{ a | b; } || true", False),
        ("if a | b; then c; fi", False),
        ("if true; then a | b; fi", True),
        ("while a | b; do c; done", False),
        ("! a | b", False),
        ("x=$(a | b)", True),
        ('x="$(a | b)"', True),
        ("export x=$(a | b)", False),
        ("x=$(a | b) c", False),
        ("echo $(a | b)", False),
        ("for i in $(a | b); do c; done", False),
        ("c <(a | b)", False),
        ("gif a | b", True),
    ],
)
def test_whether_the_status_counts(text: str, counts: bool) -> None:
    script = read(text)
    assert [status_counts(script, pipe) for pipe in pipelines(script)] == [counts]
