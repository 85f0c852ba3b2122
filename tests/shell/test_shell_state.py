"""What `set -e` and the like have switched on where a command runs; functions and `eval` told where they run."""

from __future__ import annotations

import pytest

from dfguard.dockerfile.nodes import Run
from dfguard.dockerfile.parse import parse
from dfguard.shell.commands import Command
from dfguard.shell.script import Script, read_exec_form, read_script
from dfguard.shell.state import OFF, ShellState, either, switched
from dfguard.source import Source


def shell(text: str, interpreter: str = "sh", *options: str) -> Script:
    """The script of a text."""
    return read_script(Source("Dockerfile", text).whole, interpreter=interpreter, options=options)


def letters(state: ShellState) -> str:
    """A state as `e`, `p`, `u` and `x` for what is on, with `?` behind what is not known."""
    values = (state.errexit, state.pipefail, state.nounset, state.xtrace)
    return "".join(
        letter + ("?" if value is None else "")
        for letter, value in zip("epux", values, strict=True)
        if value is not False
    )


def at(program: str, script: Script) -> str:
    """The state at the only command of that program."""
    (found,) = [command for command in script.commands if command.program == program]
    return letters(found.state)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X", ""),
        ("set -e; X", "e"),
        ("set -eux; X", "eux"),
        ("set -eux; set +e; X", "ux"),
        ("set -eux; X; set +e", "eux"),
        ("set -o pipefail && X", "p"),
        ("set -euo pipefail; X", "epu"),
        ("set -eo pipefail -x -- a b; X", "epx"),
        ("set -exo pipefail; set +o pipefail; X", "ex"),
        ("set -o errexit -o nounset; set -o xtrace; X", "eux"),
        ("set -Eeuo pipefail; X", "epu"),
        ("set -- -e; X", ""),
        ("set a -e; X", ""),
        ("set - -e; X", ""),
        ("set -o; X", ""),
        ("set -o vi; X", ""),
        ("set -e${Y}; X", "e?p?u?x?"),
        ("set -o $Y; X", "e?p?u?x?"),
        ("shopt -so pipefail; X", "p"),
        ("set -e; shopt -u -o errexit; X", ""),
        ("shopt -s nullglob; X", ""),
        # it may not have happened
        ("a || set -e; X", "e?"),
        ("[ -f a ] && set -e; X", "e?"),
        ("if a; then set -e; fi; X", "e?"),
        ("set -e; if a; then set -e; fi; X", "e"),
        ("set -eu; if a; then set +e; fi; X", "e?u"),
        # subshells
        ("set -e; (X)", "e"),
        ("(set -e; a); X", ""),
        ("(set -e; (X))", "e"),
        ("set -e; (set +e; a); X", "e"),
        ("set -e | a; X", ""),
        ("set -u; a | { set -e; X; }", "eu"),
        ("set -e; a $(X)", "e"),
        ("{ set -e; }; X", "e"),
        # other shells
        ("set -e; bash -c X", ""),
        ("bash -ec 'X'", "e"),
        ("bash -eo pipefail -c 'X'", "ep"),
        ("sh -eux -c X", "eux"),
        ("bash --login -o errexit +x -c 'X'", "e"),
        ("bash -O extglob -ec 'X'", "e"),
        ("bash --rcfile -e -c X", ""),
        ("sudo -u a sh -ec 'X'", "e"),
        ("su -c 'X' -e", ""),
        ("bash -c 'set -e; X'", "e"),
        ("bash -c 'set -e; a'; X", ""),
        # functions: as where they are called
        ("f() { X; }; set -e; f", "e"),
        ("f() { set -e; }; f; X", "e"),
        ("f() { set -e; }; X", "e?"),
        ("f() { set -e; }; a || f; X", "e?"),
        # eval
        ("eval 'set -e'; X", "e"),
        ("set -e; eval 'X'", "e"),
    ],
)
def test_state(text: str, expected: str) -> None:
    assert at("X", shell(text)) == expected


def test_bash_switches_errexit_off_in_command_substitutions() -> None:
    assert at("X", shell("set -eu; a $(X)", "sh")) == "eu"
    assert at("X", shell("set -eu; a $(X)", "bash")) == "u"
    assert at("X", shell("set -eu; a $(set -e; X)", "bash")) == "eu"
    assert at("X", shell("set -e; shopt -s inherit_errexit; a $(X)", "bash")) == "e"
    assert at("X", shell("set -e; a < <(X)", "bash")) == "e"


def test_the_shell_may_begin_with_options() -> None:
    assert at("X", shell("X", "bash", "-euo", "pipefail", "-c")) == "epu"
    assert at("X", shell("set +u; X", "bash", "-o", "errexit", "-o", "nounset", "-c")) == "e"
    assert at("X", shell("bash -c X", "bash", "-e", "-c")) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RUN <<EOF\nset -e\nX\nEOF\n", "e"),
        ("RUN <<EOF\n#!/bin/bash -eu\nX\nEOF\n", "eu"),
        ("RUN <<EOF\n#!/usr/bin/env -S bash -eo pipefail\nX\nEOF\n", "ep"),
        ("RUN <<EOF\n#!/bin/sh\nX\nEOF\n", ""),
        ("RUN bash -ex <<EOF\nX\nEOF\n", "ex"),
        ("RUN <<EOF bash -e\nX\nEOF\n", "e"),
        ("RUN set -e && bash <<EOF\nX\nEOF\n", ""),
    ],
)
def test_state_in_here_documents(text: str, expected: str) -> None:
    dockerfile = parse(Source("Dockerfile", f"FROM a\n{text}"))
    run = next(each for each in dockerfile.instructions if isinstance(each, Run))
    assert at("X", read_script(run.arguments, heredocs=run.heredocs, interpreter="bash")) == expected


def test_a_shebang_takes_no_options_of_the_shell_instruction() -> None:
    dockerfile = parse(Source("Dockerfile", "FROM a\nRUN <<EOF\n#!/bin/bash\nX\nEOF\n"))
    run = next(each for each in dockerfile.instructions if isinstance(each, Run))
    script = read_script(run.arguments, heredocs=run.heredocs, interpreter="bash", options=("-e", "-c"))
    assert at("X", script) == ""


def test_state_in_an_exec_form() -> None:
    text = 'FROM a\nRUN ["/bin/bash", "-eo", "pipefail", "-c", "X \\"a b\\" | Y"]\nRUN ["X", "-e"]\n'
    forms = [each for each in parse(Source("Dockerfile", text)).instructions if isinstance(each, Run)]
    first, second = (read_exec_form(run.arguments, run.exec_form or ()) for run in forms)
    assert at("X", first) == at("Y", first) == "ep"
    assert first.commands[0].arguments[0].value == "a b"
    assert first.commands[0].arguments[0].span.text == '"a b\\"'
    assert at("X", second) == ""


def test_words_that_can_not_be_known_make_all_unknown() -> None:
    assert switched(OFF, ["-e", None]) == ShellState(None, None, None, None)
    assert switched(OFF, ["-o", "pipefail", "file", None]) == ShellState(pipefail=True)
    assert either(OFF, OFF) is OFF


# functions


def facts(text: str) -> list[tuple[str, str | None, bool, int]]:
    """Program, function, conditional and depth of each command."""
    return [(each.program, each.function, each.conditional, each.depth) for each in shell(text).commands]


def test_functions_are_told_where_they_are_first_called() -> None:
    assert facts("f() { a; b || c; }; x; f; y; f") == [
        ("x", None, False, 0), ("f", None, False, 0), ("a", "f", False, 1), ("b", "f", False, 1), ("c", "f", True, 1),
        ("y", None, False, 0), ("f", None, False, 0),
    ]  # fmt: skip


def test_functions_that_nothing_surely_calls_are_conditional() -> None:
    assert facts("f() { a; }; x") == [("a", "f", True, 1), ("x", None, False, 0)]
    assert facts("f() { a; }; x || f") == [("x", None, False, 0), ("f", None, True, 0), ("a", "f", True, 1)]
    assert facts("f() { a; }; trap f EXIT") == [("a", "f", True, 1), ("trap", None, False, 0)]
    assert facts("f() { f; a; }; x") == [("x", None, False, 0), ("f", "f", True, 1), ("a", "f", True, 1)]
    assert facts("sudo f; f() { a; }") == [("f", None, False, 0), ("a", "f", True, 1)]


def test_a_function_with_two_bodies_is_not_followed() -> None:
    assert facts("if x; then f() { a; }; else f() { b; }; fi; f") == [
        ("x", None, False, 1), ("a", "f", True, 2), ("b", "f", True, 2), ("f", None, False, 0)
    ]  # fmt: skip


def test_functions_that_call_each_other() -> None:
    assert facts("g() { f; b; }; f() { a; }; g") == [
        ("g", None, False, 0), ("f", "g", False, 1), ("a", "f", False, 2), ("b", "g", False, 1)
    ]  # fmt: skip
    assert [fact[0] for fact in facts("f() { g; }; g() { f; }; f")] == ["f", "g", "f"]


def test_a_call_hands_on_its_subshells_and_redirects() -> None:
    commands = {each.program: each for each in shell("f() { (a); b; }; (cd x; f > log)").commands}
    assert commands["b"].subshells == commands["cd"].subshells != ()
    assert commands["a"].subshells[:-1] == commands["b"].subshells
    assert [each.target and each.target.value for each in commands["b"].redirects] == ["log"]
    assert commands["cd"].redirects == ()


# eval


def plains(text: str) -> list[str]:
    """All commands with the values of their arguments, `?` for an unknown one."""
    return [
        " ".join([each.program, *("?" if argument.value is None else argument.value for argument in each.arguments)])
        for each in shell(text).commands
        if each.program
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("eval 'apt-get update && rm x'", ["apt-get update", "rm x"]),
        ('O="-j 4"; eval "make all $O"', ["make all -j 4"]),
        ("eval 'P=a'; echo $P", ["echo a"]),
        ("P=a; eval 'echo $P'", ["echo a"]),
        ("P=a; eval '(P=b)'; echo $P", ["echo ?"]),
        ("P=a; x || eval 'P=b'; echo $P", ["x", "echo ?"]),
        ("P=a; eval '. ./env'; echo $P $HOME", [". ./env", "echo ? ?"]),
        ("P=a; eval \"$(x)\"; echo $P", ["x", "echo ?"]),
        ("P=a; eval \"make -j '$P'\"", ["make -j ?"]),
        ("P=a; eval \"make -j '\\$P'\"", ["make -j $P"]),
        ("P=a; eval x $P; echo $P", ["eval x a", "echo ?"]),
        ("eval 'f() { rm x; }'; f", ["rm x", "f"]),
        ("eval \"'\"; ls", ["eval '", "ls"]),
    ],
)  # fmt: skip
def test_eval(text: str, expected: list[str]) -> None:
    assert plains(text) == expected


def test_eval_keeps_its_place() -> None:
    script = shell("a && eval 'b; c' > log | d")
    b, c = (next(each for each in script.commands if each.program == name) for name in "bc")
    assert (b.operator, b.wrappers, b.span.text) == ("&&", ("eval",), "b")
    assert [each.operator for each in c.redirects] == [">"]
    assert b.pipeline == c.pipeline == script.commands[-1].pipeline


def test_commands_of_an_inner_script_have_pipelines_of_their_own() -> None:
    commands: tuple[Command, ...] = shell("a; bash -c 'b; c | d'; x | bash -c 'y; z'").commands
    numbers = {each.program: each.pipeline for each in commands}
    assert numbers["c"] == numbers["d"] != numbers["b"]
    assert numbers["x"] == numbers["y"] == numbers["z"]
