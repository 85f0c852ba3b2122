"""The variables that a script looks at, and those that it sets."""

from __future__ import annotations

import pytest

from dfguard.dockerfile.nodes import Run
from dfguard.dockerfile.parse import parse
from dfguard.shell.script import Script, read_script
from dfguard.shell.variables import assigned_names, script_variables
from dfguard.source import Source


def script(text: str) -> Script:
    run = parse(Source("Dockerfile", f"FROM a\nRUN {text}\n")).instructions[-1]
    assert isinstance(run, Run)
    return read_script(run.arguments, heredocs=run.heredocs)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("echo $A ${B}", ["A", "B"]),
        ("echo '$A' \"$B\" \\$C \"'$D'\"", ["B", "D"]),
        ("echo \"$(cat '$A' $B)\"", ["B"]),
        ("X=$A cmd > $B", ["A", "B"]),
        ("$A install", ["A"]),
        ("sh -c 'echo $A'", ["A"]),
        ('bash -c "echo $A"', ["A"]),
        ("echo $1 $@ $$ $?", []),
        ("echo \\\n  # $A is no use\n  $B", ["B"]),
        ("<<EOF\necho $A\nEOF", ["A"]),
        ("echo $A$A", ["A", "A"]),
    ],
)
def test_uses(text: str, names: list[str]) -> None:
    found = script_variables(script(text))
    assert [use.name for use in found] == names
    assert all(use.span.text.startswith(("$" + use.name, "${" + use.name)) for use in found)


@pytest.mark.parametrize(
    ("word", "has_default"),
    [("$A", False), ("${A}", False), ("${A:-b}", True), ("${A-b}", True), ("${A:?}", True), ("${A%.*}", False)],
)
def test_defaults(word: str, has_default: bool) -> None:
    (use,) = script_variables(script(f"echo {word}"))
    assert use.has_default is has_default


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A=1; B=2 cmd", {"A", "B"}),
        ("export A B=2", {"A", "B"}),
        ("for A in x y; do echo; done", {"A"}),
        ("read -r A B", {"A", "B"}),
        ("echo $A", set()),
        ("echo a && A=1", {"A"}),
    ],
)
def test_assignments(text: str, names: set[str]) -> None:
    found = assigned_names(script(text))
    assert found is not None
    assert names <= found
    assert not {"x", "y", "echo"} & found


@pytest.mark.parametrize("text", [". /etc/os-release && echo $A", "source a.sh", "eval $(cmd)"])
def test_what_other_texts_set_is_not_known(text: str) -> None:
    assert assigned_names(script(text)) is None
