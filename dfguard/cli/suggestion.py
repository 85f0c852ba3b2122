"""`dfguard context --suggest`: lines for the ignore file, with what they drop and what they leave."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence

from dfguard.amounts import amount
from dfguard.atomic import write_atomically
from dfguard.cli.builds import builds_of
from dfguard.cli.main import printable
from dfguard.context.ignore import find_ignore_file
from dfguard.context.invocation import Invocation
from dfguard.discovery import read_bytes
from dfguard.errors import DfguardError, InputError, UsageError
from dfguard.suggest import Suggestion, appended, suggest
from dfguard.unit import Unit


def run_suggest(options: argparse.Namespace, units: Sequence[Unit], *, write: bool) -> str:
    """The text to print; with `write` the lines are added to the ignore file in one step.

    Raises InputError where the context can't be read, UsageError where the ignore file can't be written.
    """
    root = units[0].invocation.context
    if root is None:
        raise InputError(units[0].path, "its build context is not known: --context")
    found = suggest(sharing(options, units, root))
    if write and found.lines:
        append_lines(found)
    return render(found, written=write)


def sharing(options: argparse.Namespace, units: Sequence[Unit], root: str) -> list[Unit]:
    """The builds that share context and ignore file, those of other Dockerfiles below the context included.

    A build shares it, too, that has the folder as a named context.
    """
    try:
        every = argparse.Namespace(**vars(options) | {"file": [], "build": None})
        others = builds_of(every, [root]) if options.context is None else ()
    except DfguardError as error:
        sys.stderr.write(f"dfguard: builds of other files are not looked at: {printable(str(error))}\n")
        others = ()
    wanted = _shared(units[0].invocation)
    mine = [unit for unit in units if wanted in _all_shared(unit)]
    seen = {(unit.path, unit.invocation.name) for unit in mine}
    return mine + [u for u in others if wanted in _all_shared(u) and (u.path, u.invocation.name) not in seen]


def _all_shared(unit: Unit) -> list[tuple[str, str | None] | None]:
    given = unit.invocation
    return [_shared(build) for build in (given, *map(given.of_named, given.folders))]


def _shared(invocation: Invocation) -> tuple[str, str | None] | None:
    """What a build reads: the context, and the ignore file."""
    context = invocation.context
    if context is None:
        return None
    path = find_ignore_file(invocation.ignored_beside, context, builder=invocation.builder)
    return os.path.realpath(context), os.path.normpath(path) if path else None


def append_lines(found: Suggestion) -> None:
    """Add the lines at the end of the ignore file, which keeps its order and its line ends."""
    text = ""
    if os.path.lexists(found.path):
        text = read_bytes(found.path).decode("utf-8", "surrogateescape")
    try:
        write_atomically(
            found.path, appended(text, [line.text for line in found.lines]).encode("utf-8", "surrogateescape")
        )
    except OSError as error:
        raise UsageError(f"{found.path}: can't be written: {error.strerror or error}") from None


def render(found: Suggestion, *, written: bool) -> str:
    """The lines as they go into the file, each under its reason; then what stays, and the difference."""
    return "".join(f"{line}\n" for line in _lines(found, written))


def _lines(found: Suggestion, written: bool) -> Iterator[str]:
    builds = f"{len(found.builds)} Dockerfile{'' if len(found.builds) == 1 else 's'}"
    if not found.lines:
        yield f"nothing to add to {printable(found.path)}, seen from {builds}"
    else:
        yield f"{'added' if written else 'to add'} to {printable(found.path)}, proved over {builds}:"
        yield ""
        for line in found.lines:
            yield f"# {line.reason}: {number(line.files)}, {amount(line.size)}"
            yield printable(line.text)
        yield ""
        (files, size), (left, kept) = found.before, found.after
        yield f"context: {number(files)}, {amount(size)} before; {number(left)}, {amount(kept)} after"
    if found.heavy is not None:
        name, size = found.heavy
        yield f"most of what stays is {printable(name)} ({amount(size)}): add it by hand if no image needs it"
    for refused in found.refused:
        yield f"left in: {printable(refused.path)}: {printable(refused.reason)}"


def number(files: int) -> str:
    """So many files, for people."""
    return f"{files:,} file{'' if files == 1 else 's'}"
