"""`dfguard man`: the manual page, generated from the options themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from dfguard import __version__
from dfguard.cli.options import Parser

EXIT_STATUS = (
    ("0", "clean: nothing was found that fails the run"),
    ("1", "findings of at least the severity and confidence that fail the run"),
    ("2", "the run itself failed: a wrong command line or configuration, a file that can't be read"),
    ("3", "nothing to check: a folder was searched and no Dockerfile is in it"),
    ("4", "BuildKit refuses a file"),
)
FILES = (
    ("dfguard.toml", "the configuration; the nearest one counts, or [tool.dfguard] in pyproject.toml"),
    (".dfguard-baseline.json", "findings that are left out of reports"),
    ("dfguard.lock", "the digests of images"),
)


def parser() -> Parser:
    """The options of `man`."""
    return Parser("man", "Print the manual page: dfguard man | man -l -")


def run(arguments: Sequence[str]) -> int:
    """Print the page in the man macros of roff."""
    parser().parse_args(arguments)
    sys.stdout.write("".join(f"{line}\n" for line in page()))
    return 0


def page() -> Iterator[str]:
    """The lines of the page."""
    from dfguard.cli.option_table import commands

    yield f'.TH DFGUARD 1 "" "dfguard {_escaped(__version__)}" "User Commands"'
    yield ".SH NAME"
    yield "dfguard \\- Dockerfile linter, guard of build contexts, verifier of built images"
    yield ".SH SYNOPSIS"
    yield ".B dfguard"
    yield ".I COMMAND"
    yield "[\\fIOPTIONS\\fR] [\\fIPATHS\\fR]"
    yield ".SH DESCRIPTION"
    yield "Which file of the build context reaches which layer of which stage, by which line."
    yield ".SH COMMANDS"
    for command in commands():
        yield f'.SS "dfguard {command.name}"'
        yield f"{_text(command.what[:1].upper() + command.what[1:])}."
        for option in command.options:
            value = f" \\fI{_escaped(option.value)}\\fR" if option.value else ""
            yield ".TP"
            yield (
                ", ".join(f"\\fB{_escaped(name)}\\fR" for name in option.names) + value
                if option.names
                else value.strip()
            )
            few = 0 < len(option.choices) <= 20
            yield _text(option.help.replace("%%", "%") + (f" ({', '.join(option.choices)})" if few else ""))
    for title, rows in (("EXIT STATUS", EXIT_STATUS), ("FILES", FILES)):
        yield f".SH {title}"
        for term, meaning in rows:
            yield from (".TP", f".B {_escaped(term)}", _text(meaning))
    yield ".SH ENVIRONMENT"
    yield ".TP"
    yield ".B NO_COLOR, FORCE_COLOR"
    yield "No colours, or colours where standard output is no terminal."


def _escaped(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-")


def _text(text: str) -> str:
    """A line of text: a dot or a quote at its start is no request."""
    shown = _escaped(text)
    return f"\\&{shown}" if shown[:1] in (".", "'") else shown
