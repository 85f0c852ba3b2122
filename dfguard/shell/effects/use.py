"""The words of a command, sorted into options and operands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dfguard.shell.effects.model import Effect, Opaque
from dfguard.shell.options import split_options
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.shell.commands import Argument, Command


def words(text: str) -> frozenset[str]:
    """Options, written with blanks between them."""
    return frozenset(text.split())


class Use(Struct):
    """A command, read: `given` maps the options to their values, `operands` are the other words.

    `target` is the value of `-t`; `strange` are options that are not known here.
    """

    command: Command
    given: dict[str, Argument | None]
    operands: tuple[Argument, ...]
    target: Argument | None
    strange: tuple[str, ...]

    def has(self, *options: str) -> bool:
        """Whether one of the options is given."""
        return any(option in self.given for option in options)

    def value(self, *options: str) -> Argument | None:
        """The value of the option that is given last."""
        found = [value for name, value in self.given.items() if name in options and value is not None]
        return found[-1] if found else None

    def known(self) -> list[Argument]:
        """The operands whose value is known."""
        return [word for word in self.operands if word.value is not None]

    def unknown(self) -> list[Effect]:
        """An Opaque for each path that is not known."""
        paths = (*self.operands, *([self.target] if self.target else []))
        reason = f"{self.command.program} of a path that is not known"
        return [Opaque(word.span, reason) for word in paths if word.value is None]


class Program(Struct):
    """A program whose effects are known: `read` gives them; `valued` options take a value, `flags` do not."""

    read: Callable[[Use], list[Effect]]
    valued: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()

    def effects(self, command: Command) -> list[Effect]:
        """The effects of a command; an option that is not known here makes it Opaque besides."""
        use = read_use(command, self.valued, self.flags)
        found = self.read(use)
        if use.strange:
            found.append(Opaque(command.span, f"{command.program} with {use.strange[0]}"))
        return found


def read_use(command: Command, valued: frozenset[str], flags: frozenset[str]) -> Use:
    """Sort the words of a command."""
    given: dict[str, Argument | None] = {}
    operands: list[Argument] = []
    strange: list[str] = []
    target: Argument | None = None
    arguments = command.arguments
    at = 0
    while at < len(arguments):
        word = arguments[at]
        at += 1
        if word.text == "--":
            operands += arguments[at:]
            break
        if not word.text.startswith("-") or word.text == "-":
            operands.append(word)
            continue
        for name, value, takes_next in split_options(word.text, valued):
            following = arguments[at] if takes_next and at < len(arguments) else None
            given.pop(name, None)  # so that the order is that of the last uses
            given[name] = word.tail(value) if value is not None else following
            at += takes_next
            if name in ("-t", "--target-directory") and name in valued:
                target = given[name]
            if name not in valued and name not in flags:
                strange.append(name)
    paths = tuple(each for word in operands for each in word.each)
    return Use(command, given, paths, target, tuple(strange))
