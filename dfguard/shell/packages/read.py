"""From a command to what a package manager is told to do."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from dfguard.shell.options import split_options
from dfguard.shell.packages.model import Install, Option, Package, PackageCommand
from dfguard.shell.packages.table import INSTALL, OTHER, Table

if TYPE_CHECKING:
    from dfguard.shell.commands import Argument, Command

# Program -> manager and module of its table; tables are imported when they are first needed.
_MANAGERS = {
    "apt-get": ("apt-get", "apt"),
    "apt": ("apt", "apt"),
    "apk": ("apk", "apk"),
    "dnf": ("dnf", "dnf"),
    "dnf-3": ("dnf", "dnf"),
    "dnf4": ("dnf", "dnf"),
    "dnf5": ("dnf", "dnf"),
    "microdnf": ("microdnf", "dnf"),
    "yum": ("yum", "dnf"),
    "npm": ("npm", "npm"),
}
MAX_NAME = 1_000  # of a package with its version; no longer word is one
_PIP = re.compile(r"pip(?:\d+(?:\.\d+)?)?\Z")
_PYTHON = re.compile(r"(?:python|pypy)(?:\d+(?:\.\d+)*t?)?\Z")
_PYTHON_VALUED = frozenset(("-W", "-X", "-m", "-c", "--check-hash-based-pycs"))


def read_package_command(command: Command) -> PackageCommand | None:
    """What a command tells a package manager, an Install when it installs; None for other commands."""
    found = _manager(command)
    if not found:
        return None
    manager, module, arguments = found
    table = _table(module)
    options, operands = _split(table, arguments)
    if not operands:
        return None
    verb, action, rest = _verb(table, operands)
    packages: list[Package] = []
    if action in ("install", "remove", "upgrade"):
        packages = [package for word in rest for package in _packages(table, word)]
        packages += [
            package
            for option in options
            if option.value and table.package_options.intersection(option.spellings)
            for package in _packages(table, option.value)
        ]
        if "xargs" in command.wrappers:
            packages.append(Package(verb.span, "", None, "", "variable"))
    kind = Install if action == INSTALL else PackageCommand
    return kind(command, manager, action, verb, tuple(packages), tuple(options))


def _manager(command: Command) -> tuple[str, str, tuple[Argument, ...]] | None:
    """The manager, its table's module and the arguments that are for it."""
    program = command.program
    if program in _MANAGERS:
        return (*_MANAGERS[program], command.arguments)
    if _PIP.match(program):
        return "pip", "pip", command.arguments
    if _PYTHON.match(program):
        arguments = _module_arguments(command.arguments)
        return None if arguments is None else ("pip", "pip", arguments)
    return None


def _module_arguments(arguments: tuple[Argument, ...]) -> tuple[Argument, ...] | None:
    """What follows `-m pip` on Python's command line."""
    at = 0
    while at < len(arguments) and arguments[at].text.startswith("-"):
        text = arguments[at].text
        following = arguments[at + 1].text if at + 1 < len(arguments) else ""
        for name, value, takes_next in split_options(text, _PYTHON_VALUED):
            at += takes_next
            if name == "-m":
                return arguments[at + 1 :] if (text[value:] if value else following) == "pip" else None
        at += 1
    return None


@lru_cache(maxsize=8)
def _table(module: str) -> Table:
    from importlib import import_module

    table: Table = import_module(f"dfguard.shell.packages.{module}").TABLE
    return table


def _split(table: Table, arguments: tuple[Argument, ...]) -> tuple[list[Option], list[Argument]]:
    options: list[Option] = []
    operands: list[Argument] = []
    at = 0
    while at < len(arguments):
        argument = arguments[at]
        following = arguments[at + 1] if at + 1 < len(arguments) else None
        at += 1
        if argument.text == "--":
            operands += arguments[at:]
            break
        if not argument.text.startswith("-") or argument.text == "-":
            operands.append(argument)
            continue
        for name, value, takes_next in _uses(table, argument.text):
            attached = argument.tail(value) if value else None
            if table.truth and following and following.text in ("true", "false") and not value:
                takes_next = True
            at += takes_next
            options.append(Option(argument.span, name, following if takes_next else attached, _spellings(table, name)))
    return options, operands


def _uses(table: Table, text: str) -> list[tuple[str, int | None, bool]]:
    uses = split_options(text, table.valued)
    name, value, takes_next = uses[0] if uses else ("", None, False)
    if table.abbreviates and name.startswith("--") and name not in table.valued and name not in table.switches:
        meant = [option for option in (*table.valued, *table.switches) if option.startswith(name)]
        if len(meant) == 1:
            return [(meant[0], value, value is None and meant[0] in table.valued)]
    return [(name, value, takes_next), *uses[1:]] if uses else []


def _spellings(table: Table, name: str) -> tuple[str, ...]:
    return next((group for group in table.spellings if name in group), (name,))


def _verb(table: Table, operands: list[Argument]) -> tuple[Argument, str, list[Argument]]:
    first = operands[0]
    second = f"{first.value} {operands[1].value}" if len(operands) > 1 else ""
    if second in table.verbs:
        return first, table.verbs[second], operands[2:]
    return first, table.verbs.get(first.value or "", OTHER), operands[1:]


def _packages(table: Table, word: Argument) -> list[Package]:
    texts = word.fields if word.value is not None else (re.sub(r"[\"']", "", word.raw),)
    return [package for text in texts if text for package in _package(table, word, text)]


def _package(table: Table, word: Argument, text: str) -> list[Package]:
    known = word.value is not None
    if len(text) > MAX_NAME:
        return [Package(word.span, "", None, word.raw, "variable")]
    if re.match(table.left_out, text):
        return []
    if re.match(table.address, text):
        return [Package(word.span, text, None, word.raw, "url")]
    if re.match(table.file, text):
        return [Package(word.span, text, None, word.raw, "file")]
    match = re.compile(table.package).fullmatch(text)
    if not match:
        return [Package(word.span, text if known else "", None, word.raw, "name" if known else "variable")]
    name, version = match["name"], _version(match)
    if not known and re.search(r"[$`{}()\s]", name):
        return [Package(word.span, "", version, word.raw, "variable")]
    written = word.raw.lstrip("\"'").startswith(name) or not re.search(r"[$`]", word.raw)
    return [Package(word.span, name, version, word.raw, "name" if written else "variable")]


def _version(match: re.Match[str]) -> str | None:
    """`=1.2` and `==1.2` are the version 1.2; other constraints keep their operator."""
    text = match["version"]
    if text is None:
        return match.groupdict().get("constraint")
    return re.sub(r"^={1,3}\s*(?=[^=])", "", text.strip())
