"""Stages and variables by name: where each is given, and where it is used."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.dockerfile.nodes import Arg, Cmd, Entrypoint, Env, Healthcheck, Instruction, Run
from dfguard.dockerfile.uses import variable_uses
from dfguard.source import Span
from dfguard.struct import Struct
from dfguard.unit import Unit

STAGE, VARIABLE = "stage", "variable"
_STAGE_NAME = re.compile(r"[a-z][a-z0-9-_.]*", re.IGNORECASE)
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Occurrence(Struct):
    """A place where a name stands: `key` tells names apart, `given`: it gets its meaning there."""

    kind: str
    key: str
    span: Span
    given: bool


def occurrences(unit: Unit) -> tuple[Occurrence, ...]:
    """All names of a Dockerfile, by place. A variable is the same one in all stages: they pass it on by its name."""
    found = {one.span.start: one for one in (*_stages(unit), *_variables(unit))}
    return tuple(found[start] for start in sorted(found))


def _stages(unit: Unit) -> Iterator[Occurrence]:
    names = {stage.index: stage.name for stage in unit.graph.stages if stage.name}
    for stage in unit.graph.stages:
        if stage.from_.alias is not None and stage.name:
            yield Occurrence(STAGE, str(stage.index), stage.from_.alias.span, True)
    for reference in unit.graph.references:
        if reference.stage in names and reference.span.text.lower() == names[reference.stage]:
            yield Occurrence(STAGE, str(reference.stage), reference.span, False)


def _variables(unit: Unit) -> Iterator[Occurrence]:
    declared: set[str] = set()
    instructions = [instruction for instruction, _ in unit.instructions]
    for instruction in instructions:
        if isinstance(instruction, (Arg, Env)):
            for pair in instruction.pairs:
                declared.add(pair.name)
                yield Occurrence(VARIABLE, pair.name, pair.key.span, True)
    for instruction in instructions:
        for use in variable_uses(instruction, unit.dockerfile.escape):
            at = use.span.text.find(use.name)
            if at >= 0:
                yield Occurrence(VARIABLE, use.name, use.span.sub(at, at + len(use.name)), False)
        if isinstance(instruction, (Run, Cmd, Entrypoint, Healthcheck)):
            yield from _in_shell(instruction, declared)


def _in_shell(instruction: Instruction, declared: set[str]) -> Iterator[Occurrence]:
    """The variables of the file that a shell expands later."""
    for match in re.finditer(r"(?<!\\)\$\{?([A-Za-z_][A-Za-z0-9_]*)", instruction.span.text):
        if match[1] in declared:
            yield Occurrence(VARIABLE, match[1], instruction.span.sub(*match.span(1)), False)


def at(unit: Unit, offset: int) -> Occurrence | None:
    """The name that stands at a place."""
    return next((one for one in occurrences(unit) if one.span.start <= offset <= one.span.end), None)


def same(unit: Unit, wanted: Occurrence) -> tuple[Occurrence, ...]:
    """All places of a name."""
    return tuple(one for one in occurrences(unit) if (one.kind, one.key) == (wanted.kind, wanted.key))


def definition(unit: Unit, wanted: Occurrence) -> Span | None:
    """Where a name that is used at a place was given last; None if it is not given in the file."""
    given = [one.span for one in same(unit, wanted) if one.given]
    before = [span for span in given if span.start <= wanted.span.start]
    return before[-1] if before else given[0] if given else None


def is_given(unit: Unit, wanted: Occurrence) -> bool:
    """Whether the file itself gives a name its meaning, so that it can be given another one."""
    return any(one.given for one in same(unit, wanted))


def refusal(unit: Unit, wanted: Occurrence, name: str) -> str:
    """Why a name can't be given another one; "" when it can."""
    pattern = _STAGE_NAME if wanted.kind == STAGE else _VARIABLE_NAME
    if not pattern.fullmatch(name):
        return f"{name!r} is no name of a {wanted.kind}"
    others = [one for one in occurrences(unit) if one.kind == wanted.kind and one.key != wanted.key]
    if any(one.span.text.lower() == name.lower() for one in others if wanted.kind == STAGE):
        return f"there is a stage {name} already"
    if wanted.kind == VARIABLE and any(one.span.text == name for one in others):
        return f"there is a variable {name} already"
    if not is_given(unit, wanted):
        return f"{wanted.span.text} is not given in this file"
    return ""
