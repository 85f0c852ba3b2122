"""Parsing of options: argparse, with errors as one line."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from dfguard.errors import UsageError
from dfguard.regex import regex

_CHOICE = re.compile(r"argument (\S+): invalid choice: '(.*)' \(choose from (.*)\)", re.DOTALL)
PLAIN_AND_JSON = ("plain", "json")
_FORMAT = regex(r"([A-Za-z_-]+)=(.+)", re.DOTALL)


def _formatter(prog: str) -> argparse.HelpFormatter:
    # With a width of its own argparse does not import shutil, at every add_argument, to ask the terminal.
    columns = os.environ.get("COLUMNS", "")
    return argparse.HelpFormatter(prog, width=int(columns) - 2 if columns.isdigit() else 98)


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that raises UsageError, and takes no abbreviations."""

    def __init__(self, command: str, description: str) -> None:
        super().__init__(
            prog=f"dfguard {command}", description=description, allow_abbrev=False, formatter_class=_formatter
        )

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with the nearest option for an unknown one."""
        prefix = "unrecognized arguments: "
        if message.startswith(prefix):
            from dfguard.cli.main import near

            word = message.removeprefix(prefix).split()[0]
            known = [option for action in self._actions for option in action.option_strings]
            unknown = f"unknown option {word!r}{near(word.partition('=')[0], known)}"
            message = unknown if word.startswith("-") else f"{word!r} is one argument too many"
        choice = _CHOICE.fullmatch(message)
        if choice:
            from dfguard.cli.main import near

            known = re.findall(r"[^\s,']+", choice[3])
            message = f"{choice[1]}: there is no {choice[2]!r}{near(choice[2], known)}"
        raise UsageError(f"{message} (see {self.prog} --help)")


def chosen_action(
    command: str, actions: Mapping[str, str], arguments: Sequence[str]
) -> tuple[str, Sequence[str]] | None:
    """The action that a command is given, and what follows it; None if help was asked for, which is printed.

    `actions` are its actions and what each does. Raises UsageError for another one, or for none.
    """
    action, *rest = arguments or [""]
    if action in ("-h", "--help"):
        rows = "".join(f"  {name:<7} {what}\n" for name, what in actions.items())
        sys.stdout.write(f"usage: dfguard {command} ACTION [OPTIONS] [PATHS]\n\nactions:\n{rows}")
        return None
    if action not in actions:
        from dfguard.cli.main import near

        raise UsageError(f"{command} {action}".rstrip() + f": expected an action{near(action, actions)}")
    return action, rest


def add_outputs(group: argparse._ArgumentGroup, formats: Sequence[str]) -> None:
    """Add `--output FILE`; with `formats` also `--output FORMAT=FILE`, as often as one likes, into `outputs`."""

    class Output(argparse.Action):
        def __call__(self, parser: argparse.ArgumentParser, options: Any, values: Any, *_: Any) -> None:
            found = _FORMAT.fullmatch(values) if formats else None
            if found is None:
                options.output = values
            elif found[1] in formats:
                options.outputs = (*options.outputs, (found[1], found[2]))
            else:
                from dfguard.cli.main import near

                hint = near(found[1], formats) if found[1] else ""
                expected = f"expected one of {', '.join(formats)} before the = (or ./{values})"
                parser.error(f"--output {values}: {expected}{hint if hint.startswith('; did') else ''}")

    also = "; FORMAT=FILE: another report beside it, may be repeated" if formats else ""
    shown = "[FORMAT=]FILE" if formats else "FILE"
    group.add_argument("-o", "--output", metavar=shown, action=Output, help=f"write the report to a file{also}")
    group.set_defaults(outputs=())


def write_report(text: str, output: str | None) -> None:
    """Write a report to stdout, or to a file in one step; raises UsageError if that can't be."""
    write_bytes(text.encode("utf-8", "backslashreplace"), output)


def write_bytes(data: bytes, output: str | None) -> None:
    """Write bytes to stdout, or to a file in one step; raises UsageError if that can't be."""
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        return
    from dfguard.atomic import write_atomically

    try:
        write_atomically(output, data)
    except OSError as error:
        raise UsageError(f"{output}: can't be written: {error.strerror or error}") from None
