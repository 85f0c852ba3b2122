"""What the stages of a build are played in, and the limits of the play."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from dfguard.context.tree import BuildContext
from dfguard.dockerfile.nodes import Heredoc, Instruction, Run, Word
from dfguard.dockerfile.stages import StageGraph
from dfguard.dockerfile.words import expand
from dfguard.flow.events import Added
from dfguard.flow.filesystem import StageFlow
from dfguard.shell.script import Script

MAX_FILES = 1_000_000
"""How many files all instructions together may write or remove before the rest is no longer followed."""


class World:
    """The graph, the context, the scripts of the RUNs, and the stages played so far."""

    def __init__(self, graph: StageGraph, context: BuildContext | None, script: Callable[[Run], Script]) -> None:
        self.graph = graph
        self.context = context
        self.script = script
        self.played: list[StageFlow] = []
        self.left = MAX_FILES
        self._copied_from = {id(r.instruction): r.stage for r in graph.references if r.kind == "copy"}

    def value(self, instruction: Instruction, word: Word) -> str | None:
        """A word as the builder reads it at an instruction; None when it needs a variable without a known value."""
        return self.expand(instruction, word.raw)

    def expand(self, instruction: Instruction, raw: str) -> str | None:
        """As `value`, for the text of a word; the default in `${name:-default}` counts where the file sets no value."""
        expanded = expand(raw, self.graph.scope_at(instruction).get, self.graph.dockerfile.escape)
        return None if expanded.unknown or expanded.error else expanded.value

    def text_of(self, instruction: Instruction, heredoc: Heredoc) -> str | None:
        """The text of a here-document as COPY writes it; None when it holds a variable without a known value."""
        text = heredoc.body.text
        if heredoc.chomp:
            text = "".join(line.lstrip("\t") for line in text.splitlines(keepends=True))
        if not heredoc.expand:
            return text
        scope = self.graph.scope_at(instruction)
        expanded = expand(text, scope.get, self.graph.dockerfile.escape, quotes=False)
        return None if expanded.unknown or expanded.error else expanded.value

    def stage_of(self, instruction: Instruction) -> StageFlow | None:
        """The earlier stage that a COPY takes from; None for an image, a named context, or what is refused."""
        index = self._copied_from.get(id(instruction))
        return self.played[index] if index is not None and index < len(self.played) else None

    def takes(self, count: int) -> bool:
        """Whether `count` more files may be followed; if so they are counted.

        A refusal halves what is left, so that asking again and again comes to an end.
        """
        if count > self.left:
            self.left //= 2
            return False
        self.left -= count
        return True

    def follow(self, files: Iterator[Added]) -> list[Added] | None:
        """The files as a list, counted; None when they are too many."""
        taken = list(islice(files, self.left + 1))
        return taken if self.takes(len(taken)) else None
