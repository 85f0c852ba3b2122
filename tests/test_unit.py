"""The models of one Dockerfile in one build, built on first use."""

from __future__ import annotations

from pathlib import Path

import pytest

from dfguard.context.invocation import Invocation
from dfguard.context.tree import BuildContext, read_context
from dfguard.dockerfile.nodes import Run
from dfguard.dockerfile.parse import parse
from dfguard.errors import InputError, UsageError
from dfguard.source import Source
from dfguard.subjects import INSTRUCTION_TYPES, NEEDS, SUBJECTS, Site
from dfguard.unit import Unit

TEXT = """\
ARG TAG=12
FROM debian:$TAG AS build
ENV APP=/app
RUN apt-get update && apt-get install -y gcc
ONBUILD RUN rm -rf $APP
COPY . $APP
FROM build
SHELL ["/bin/bash", "-c"]
RUN pip install x
RUN ["rm", "/x"]
FROM alpine:3.20
COPY --from=build /app /app
"""


def unit(text: str = TEXT, *, target: str | None = None, context: BuildContext | None = None) -> Unit:
    return Unit(parse(Source("Dockerfile", text)), Invocation("default", "Dockerfile", None, target), lambda _: context)


def runs(made: Unit) -> list[Run]:
    return [node for node, _ in made.instructions if isinstance(node, Run)]


def test_nothing_is_built_before_it_is_asked_for() -> None:
    made = unit()
    built = set(made.__dict__)
    assert made.by_keyword.keys() >= {"Arg", "From", "Run", "Onbuild", "Copy", "Shell"}
    assert set(made.__dict__) - built == {"by_keyword", "instructions", "graph"}
    assert made.flow is made.flow


def test_instructions_have_their_stage_and_triggers_stand_behind_onbuild() -> None:
    made = unit()
    names = [(node.name, site.stage.index if site.stage else None) for node, site in made.instructions]
    assert names[:7] == [
        ("ARG", None), ("FROM", 0), ("ENV", 0), ("RUN", 0), ("ONBUILD", 0), ("RUN", 0), ("COPY", 0),
    ]  # fmt: skip
    assert [node.onbuild for node, _ in made.instructions][5] is True


def test_commands_with_values_of_the_file_and_exec_forms() -> None:
    made = unit()
    assert [c.program for c, _ in made.commands] == ["apt-get", "apt-get", "rm", "pip", "rm"]
    trigger = made.commands[2][0]
    assert trigger.arguments[-1].value == "/app"
    assert [c.manager for c, _ in made.package_commands] == ["apt-get", "apt-get", "pip"]


def test_programs_hold_the_managers_behind_them() -> None:
    assert unit("FROM python:3\nRUN python3 -m pip install x\n").programs >= {"python3", "pip"}


def test_commands_by_stage() -> None:
    by_stage = unit().commands_by_stage
    assert {index: [c.program for c in stage.commands] for index, stage in by_stage.items()} == {
        0: ["apt-get", "apt-get", "rm"],
        1: ["pip", "rm"],
        2: [],
    }
    first = by_stage[0]
    update, install = first.package_commands
    assert [run.start_line for run, _ in first.scripts] == [4, 5]
    run = first.scripts[0][0]
    assert first.run_of(update) is first.run_of(install.command.arguments[0]) is run
    assert first.package_commands_of(run) == (update, install)
    assert first.package_commands_of(first.scripts[1][0]) == ()
    assert by_stage[1].run_of(update) is None and by_stage[2].run_of(update) is None
    assert first.mentions(["gcc"]) and first.mentions({"apt-get", "x"}) and not first.mentions(["cc"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM debian:12\nRUN x", ["dash"]),
        ("FROM alpine\nRUN x", ["ash"]),
        ("FROM example.com/unknown\nRUN x", ["sh"]),
        ("FROM scratch\nRUN x", ["sh"]),
        ('FROM debian:12\nRUN a\nSHELL ["/bin/bash", "-c"]\nRUN b\nSHELL ["C:\\\\x\\\\PowerShell.EXE"]\nRUN c',
         ["dash", "bash", "powershell"]),
        ('FROM debian:12 AS a\nSHELL ["bash", "-c"]\nFROM a\nRUN x\nFROM debian:12\nRUN y', ["bash", "dash"]),
    ],
)  # fmt: skip
def test_the_shell_in_force(text: str, expected: list[str]) -> None:
    made = unit(text + "\n")
    assert [made.script(run).interpreter for run in runs(made)] == expected


def test_the_base_is_that_of_the_root_stage() -> None:
    made = unit()
    assert [made.base(stage).family for stage in made.graph.stages] == ["debian", "debian", "alpine"]
    assert not unit("ARG X\nFROM $X\n").base(unit("ARG X\nFROM $X\n").graph.stages[0]).known


def test_an_unknown_target_is_told() -> None:
    with pytest.raises(UsageError, match="there is no stage buidl; did you mean build"):
        _ = unit(target="buidl").graph


def test_a_context_that_can_not_be_read_is_unknown_with_a_reason() -> None:
    def fail(_: Invocation) -> BuildContext:
        raise InputError("sub/.dockerignore", "is UTF-16")

    made = Unit(parse(Source("Dockerfile", TEXT)), Invocation("default", "Dockerfile", None), fail)
    assert made.context_error is None
    assert made.context is None
    assert made.context_error is not None and str(made.context_error) == "sub/.dockerignore: is UTF-16"
    assert made.flow.target is not None


def test_the_context_is_asked_for_once(tmp_path: Path) -> None:
    asked: list[str] = []

    def load(invocation: Invocation) -> BuildContext:
        asked.append(invocation.name)
        return read_context(str(tmp_path))

    made = Unit(parse(Source("Dockerfile", TEXT)), Invocation("x", "Dockerfile", None), load)
    assert made.context is made.context
    assert made.flow and made.secret_finder and made.secret_copies == ()
    assert asked == ["x"]


@pytest.mark.parametrize("name", SUBJECTS)
def test_every_subject_is_of_its_type_and_every_need_answers(name: str) -> None:
    made = unit()
    for subject, site in SUBJECTS[name](made):
        types = {base.__name__ for base in type(subject).__mro__}
        assert name in types
        for provide in NEEDS.values():
            provide(made, site)
    for provide in NEEDS.values():
        provide(made, Site())


def test_subjects_hold_every_instruction_once() -> None:
    made = unit()
    by_type = [node for name in INSTRUCTION_TYPES for node, _ in SUBJECTS[name](made)]
    assert len(by_type) == len(made.instructions)
    assert [node.start_line for node, _ in SUBJECTS["Run"](made)] == [4, 5, 9, 10]
    assert [ref.kind for ref, _ in SUBJECTS["StageReference"](made)] == ["from", "from", "from", "copy"]
    assert len(list(SUBJECTS["Stage"](made))) == 3
