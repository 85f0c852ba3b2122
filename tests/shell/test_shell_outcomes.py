"""Which commands must have gone well when the script did."""

from __future__ import annotations

import subprocess

import pytest

from dfguard.shell.outcomes import in_background, required
from dfguard.shell.script import read_script
from dfguard.source import Source


def needed(text: str) -> list[str]:
    """The programs that must succeed."""
    commands = read_script(Source("Dockerfile", text).whole).commands
    return [command.program for command, must in zip(commands, required(commands), strict=True) if must]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", "a"),
        ("a && b && c", "a b c"),
        ("a; b", "b"),
        ("a && b; c && d", "c d"),
        ("a || b", "b"),
        ("a && b || c", "c"),
        ("a | b", "b"),
        ("set -o pipefail; a | b", "a b"),
        ("set -e; a; b && c; d", "a c d"),
        ("a && (b; c) && d", "a c d"),
        ("a && (b && c)", "a b c"),
        ("a & b", "b"),
        ("a && { b; c; } && d", "a c d"),
        ("{ a; b; }; c", "c"),
        ("a && { b; c; }; d", "d"),
        ("! a && b", "b"),
        ("if a; then b; fi", "b"),
        ("sh -c 'a && b' && c", "a b c"),
        ("sh -c 'a; b' && c", "b c"),
    ],
)
def test_required(text: str, expected: str) -> None:
    assert " ".join(needed(text)) == expected


PROGRAMS = [
    "a && b && c",
    "a; b && c",
    "a || b && c",
    "a && { b; c; }",
    "(a; b) && c",
    "set -e; a && b; c",
    "a && b | c",
]


@pytest.mark.parametrize("text", PROGRAMS)
def test_a_shell_agrees(text: str) -> None:
    """Let each command fail in turn: where the script still succeeds and ran it, it was not required."""
    for name in "abc":
        functions = "".join(f"{each}() {{ echo {each} >&2; return {int(each == name)}; }}; " for each in "abc")
        run = subprocess.run(["sh", "-c", f"{functions}\n{text}"], capture_output=True, text=True)
        if name in needed(text):
            assert run.returncode != 0 or name not in run.stderr, name


def test_background() -> None:
    commands = read_script(Source("Dockerfile", "a & b && c &> f; d 2>&1 &").whole).commands
    assert [in_background(command) for command in commands] == [True, False, False, True]
