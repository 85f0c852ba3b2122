"""A Dockerfile as nodes with exact places; what is wrong becomes a Problem and the rest is still read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dfguard.dockerfile import nodes
from dfguard.dockerfile.build import Parts, build, trigger_parts
from dfguard.dockerfile.checks import Surroundings, instruction_problems
from dfguard.dockerfile.directives import frontend, is_foreign
from dfguard.dockerfile.nodes import Directive, Dockerfile, Instruction, Problem
from dfguard.dockerfile.scan import RawInstruction, Scan, scan
from dfguard.source import Source, Span

Line = Directive | nodes.Comment | nodes.Blank | Instruction


class Reading:
    """A Dockerfile on its way to nodes: what was read of it so far, in order."""

    def __init__(self, source: Source, escape: str) -> None:
        self.source = source
        self.escape = escape
        self.foreign = is_foreign(frontend(source))
        self.items: list[Line] = []
        self.instructions: list[Instruction] = []
        self.problems: list[Problem] = []

    def add(self, items: Sequence[Line], problems: Iterable[Problem]) -> None:
        """Add what was read before, with all that is wrong with it."""
        self.items += items
        self.instructions += (item for item in items if isinstance(item, Instruction))
        self.problems += problems

    def take(self, scanned: Scan) -> None:
        """Add what was scanned."""
        self.problems += scanned.problems
        for item in scanned.items:
            if isinstance(item, RawInstruction):
                self._take(item)
            else:
                self.items.append(item)

    def _take(self, item: RawInstruction) -> None:
        before = self.instructions[-1] if self.instructions else None
        stage = before.stage_index if before is not None else -1
        stage += item.command.keyword != (0, 0) and _is_from(item)
        parts = Parts(
            item.line, item.command, item.heredocs, item.span, self.escape, len(self.instructions), stage
        )  # fmt: skip
        node = build(parts)
        self.items.append(node)
        self.instructions.append(node)
        self.problems += _of_instruction(parts, node, item, Surroundings(self.foreign, before))

    def finish(self, directives: tuple[Directive, ...]) -> Dockerfile:
        """The Dockerfile."""
        problems = [*self.problems, *_of_file(self.source, self.instructions)]
        problems.sort(key=_place)
        every = tuple(self.items), tuple(self.instructions), tuple(problems)
        return Dockerfile(self.source, self.escape, directives, *every)


def parse(source: Source) -> Dockerfile:
    """Read a Dockerfile as BuildKit does. Never raises; `Dockerfile.problems` holds what is wrong, by place."""
    scanned = scan(source)
    reading = Reading(source, scanned.escape)
    reading.take(scanned)
    return reading.finish(scanned.directives)


def _place(problem: Problem) -> tuple[int, int]:
    return problem.span.start, problem.span.end


def _is_from(item: RawInstruction) -> bool:
    start, end = item.command.keyword
    return item.line.text[start:end].lower() == "from"


def _of_instruction(parts: Parts, node: Instruction, item: RawInstruction, around: Surroundings) -> Iterator[Problem]:
    yield from instruction_problems(parts, node, around)
    inner = trigger_parts(parts) if isinstance(node, nodes.Onbuild) else None
    if inner and isinstance(node, nodes.Onbuild) and node.trigger:
        yield from _of_trigger(inner, node.trigger, Surroundings(around.foreign, None))
    for first, last in _runs(item.blank_lines):
        message = "an empty line inside an instruction: BuildKit goes on below it and will refuse it one day"
        starts, source = node.span.source.line_starts, node.span.source
        place = Span(source, starts[first - 1], starts[last - 1] + len(source.line_text(last)))
        yield Problem(place, "blank-continuation", message, False)


def _of_trigger(parts: Parts, node: Instruction, around: Surroundings) -> Iterator[Problem]:
    """What is wrong now, and what will be when the trigger runs as an instruction of its own."""
    now = instruction_problems(parts, node, around)
    then = instruction_problems(parts.but(onbuild=False), node.but(onbuild=False), around)
    for problem, later in zip(now, then, strict=True):
        yield problem.but(late=later.refused and not problem.refused)


def _runs(lines: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """The first and last of each run of neighbouring lines."""
    first = last = 0
    for line in lines:
        if line != last + 1:
            if first:
                yield first, last
            first = line
        last = line
    if first:
        yield first, last


def _of_file(source: Source, instructions: list[Instruction]) -> Iterator[Problem]:
    nul = source.text.find("\0")
    if nul >= 0:
        yield Problem(Span(source, nul, nul + 1), "nul", "a NUL byte: this is no text file", True)
    if not instructions:
        yield Problem(Span(source, 0, 0), "empty-file", "there is no instruction in this file", True)
        return
    early = [node for node in instructions if node.stage_index < 0 and not isinstance(node, (nodes.Arg, nodes.Unknown))]
    if early:
        message = f"{early[0].name} stands before the first FROM, where only ARG is allowed"
        yield Problem(early[0].keyword, "no-stage", message, True)
    elif instructions[-1].stage_index < 0:
        yield Problem(instructions[0].keyword, "no-stage", "there is no FROM in this file", True)
