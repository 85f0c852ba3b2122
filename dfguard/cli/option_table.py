"""All commands with their options, read off their parsers: what completion and the manual page are made of."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from importlib import import_module

from dfguard.cli.main import COMMANDS
from dfguard.struct import Struct


class Option(Struct):
    """An option, or what a command takes without one (`names` is empty then).

    `value` is the word for its value, "" for a switch; `choices` are all values that it takes, if those are few.
    """

    names: tuple[str, ...]
    value: str
    choices: tuple[str, ...]
    help: str


class Command(Struct):
    """A command: what it does in a few words, and what it takes."""

    name: str
    what: str
    options: tuple[Option, ...]

    @property
    def switches(self) -> tuple[Option, ...]:
        """What has a name."""
        return tuple(option for option in self.options if option.names)

    @property
    def words(self) -> tuple[str, ...]:
        """All words that it takes without an option, if those are known."""
        return next((option.choices for option in self.options if not option.names and option.choices), ())


def commands() -> tuple[Command, ...]:
    """All commands, in the order of the overview."""
    return tuple(Command(name, what, tuple(_options(name))) for name, what in COMMANDS.items())


def _options(name: str) -> Iterator[Option]:
    module = import_module(f"dfguard.cli.{name}")
    if name in ("baseline", "config"):
        yield Option((), "ACTION", tuple(module.ACTIONS), "what to do")
    if name == "rule":
        from dfguard import catalog

        yield Option((), "RULE", (*catalog.names(), *catalog.names().values()), "a code, a name, or another tool's id")
    actions = module.parser()._actions if hasattr(module, "parser") else ()
    for action in actions:
        if action.help is not argparse.SUPPRESS and not (name == "rule" and not action.option_strings):
            yield _option(action)


def _option(action: argparse.Action) -> Option:
    metavar = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    choices = tuple(map(str, action.choices or ()))
    value = "" if action.nargs == 0 else metavar
    if choices and isinstance(action.metavar, type(None)):
        value = "VALUE"
    return Option(tuple(action.option_strings), value, choices, action.help or "")
