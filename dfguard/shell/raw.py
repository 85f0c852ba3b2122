"""Commands as ranges of a script's text, before words get values and wrappers are peeled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.struct import Struct

if TYPE_CHECKING:
    Range = tuple[int, int]


MAX_REDIRECTS = 8  # of compounds around a command; the innermost count


class Place(Struct):
    """Where a command stands among the others; the meaning of the fields is that of Command.

    `pipeline` is 0 for a command that has no pipeline of its own yet; `redirects` are those of the
    compound commands around it.
    """

    operator: str = ""
    pipeline: int = 0
    depth: int = 0
    conditional: bool = False
    subshells: tuple[int, ...] = ()
    function: str | None = None
    redirects: tuple[RawRedirect, ...] = ()

    def at(self, operator: str, conditional: bool = False) -> Place:
        """The same place behind another operator, conditional when it was or `conditional` says so."""
        conditional = self.conditional or conditional
        if operator == self.operator and conditional == self.conditional:
            return self
        return Place(operator, self.pipeline, self.depth, conditional, self.subshells, self.function, self.redirects)

    def inside(self, conditional: bool = False, subshell: int = 0) -> Place:
        """One level deeper, in a new subshell when it has a number."""
        shells = (*self.subshells, subshell) if subshell else self.subshells
        conditional = self.conditional or conditional
        return Place(self.operator, self.pipeline, self.depth + 1, conditional, shells, self.function, self.redirects)

    def called(self, call: Place, body: Place) -> Place:
        """This place in a function's `body`, seen from where the function is called."""
        return Place(
            self.operator,
            self.pipeline,
            call.depth + self.depth - body.depth + 1,
            call.conditional or self.conditional,
            call.subshells + self.subshells[len(body.subshells) :],
            self.function,
            (*self.redirects, *call.redirects)[:MAX_REDIRECTS],
        )

    def piped(self, operator: str, pipeline: int, subshell: int = 0) -> Place:
        """The same place as a part of a pipeline, in a new subshell when it has a number."""
        shells = (*self.subshells, subshell) if subshell else self.subshells
        return Place(operator, pipeline, self.depth, self.conditional, shells, self.function, self.redirects)


class RawRedirect(Struct):
    """A redirection: its whole range and that of its target (None without one)."""

    start: int
    end: int
    target: tuple[int, int] | None


class RawCommand(Struct):
    """A command as ranges of the script's text; `words` begins with the program."""

    start: int
    end: int
    words: tuple[tuple[int, int], ...]
    assignments: tuple[tuple[int, int], ...]
    redirects: tuple[RawRedirect, ...]
    place: Place
    declares: bool = False


class Numbers:
    """Fresh numbers for pipelines and subshells of one RUN.

    `substitutions` are the subshells that are `$(...)`, `piped` the pipelines of more than one command.
    """

    __slots__ = ("last", "piped", "substitutions")

    def __init__(self) -> None:
        self.last = 0
        self.piped: set[int] = set()
        self.substitutions: set[int] = set()

    def fresh(self) -> int:
        """The next number, from 1."""
        self.last += 1
        return self.last
