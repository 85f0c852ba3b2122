"""Loops over known words, while a script is read: the commands of the body, once for each word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.shell.commands import Command, Loop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dfguard.shell.frame import Frame
    from dfguard.shell.raw import Range, RawCommand

MAX_ROUNDS = 100
MAX_COMMANDS = 1_000  # of a script, those of all rounds of its loops


class Rounds:
    """The loops of one script; `loops` are those that were read to their end.

    A loop that calls a function or runs a script within the script is left alone, and so is one whose words are not
    all known.
    """

    def __init__(self, found: Iterable[tuple[tuple[Range, ...], Range]] = ()) -> None:
        self.loops: list[Loop] = []
        self._pending = sorted(found, key=lambda loop: loop[1])[::-1]
        self._body: Range | None = None
        self._name = ""
        self._first = 0
        self._rounds: list[tuple[str, list[Command]]] = []
        self._left = MAX_COMMANDS

    def enter(self, frame: Frame, raw: RawCommand, index: int) -> None:
        """Note that a command is read, which may be the first of a loop or the first behind one."""
        if self._body is not None and not self._body[0] <= raw.start < self._body[1]:
            if raw.start < self._body[0]:
                self.spoil()
            self.close()
        while self._body is None and self._pending and raw.start >= self._pending[-1][1][0]:
            words, body = self._pending.pop()
            if raw.start < body[1]:
                self._open(frame, words, body, index)

    def _open(self, frame: Frame, words: tuple[Range, ...], body: Range, index: int) -> None:
        self._body, self._first, self._rounds = body, index, []
        arguments = [frame.argument(where) for where in words[1:]]
        values = [value for argument in arguments for value in argument.fields]
        if len(values) > MAX_ROUNDS or any(a.value is None or a.glob for a in arguments):
            return
        self._name = frame.text.text[slice(*words[0])] if words else ""
        self._rounds = [(value, []) for value in values]

    def add(self, frame: Frame, index: int, build: Callable[[], Command]) -> None:
        """A command of the script, which has this index; `build` reads it with the values that the frame knows."""
        if not self._rounds:
            return
        self._left -= len(self._rounds)
        if index != self._first + len(self._rounds[0][1]) or self._left < 0:
            self.spoil()
        for value, commands in self._rounds:
            frame.bound = {self._name: value}
            commands.append(build())
        frame.bound = {}

    def spoil(self) -> None:
        """Leave the loop alone."""
        self._rounds = []

    def close(self) -> None:
        """The loop under way is at its end."""
        if self._rounds and self._rounds[0][1]:
            self.loops.append(Loop(self._first, tuple(tuple(commands) for _, commands in self._rounds)))
        self._body, self._rounds = None, []
