"""From a command to what a package manager is told to do."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from dfguard.regex import regex
from dfguard.shell.options import split_options
from dfguard.shell.packages.model import Install, Option, Package, PackageCommand
from dfguard.shell.packages.table import INSTALL, OTHER, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfguard.shell.commands import Argument, Command
    from dfguard.shell.script import Script

# Program -> manager and module of its table; tables are imported when they are first needed.
_MANAGERS = {
    "apt-get": ("apt-get", "apt"),
    "apt": ("apt", "apt"),
    "aptitude": ("aptitude", "aptitude"),
    "apk": ("apk", "apk"),
    "dnf": ("dnf", "dnf"),
    "dnf-3": ("dnf", "dnf"),
    "dnf4": ("dnf", "dnf"),
    "dnf5": ("dnf", "dnf"),
    "microdnf": ("microdnf", "dnf"),
    "tdnf": ("tdnf", "dnf"),
    "yum": ("yum", "dnf"),
    "zypper": ("zypper", "zypper"),
    "pacman": ("pacman", "pacman"),
    "yay": ("yay", "pacman"),
    "paru": ("paru", "pacman"),
    "pipx": ("pipx", "pipx"),
    "pipenv": ("pipenv", "pipenv"),
    "uv": ("uv", "uv"),
    "poetry": ("poetry", "poetry"),
    "conda": ("conda", "conda"),
    "mamba": ("mamba", "conda"),
    "micromamba": ("micromamba", "conda.MICROMAMBA"),
    "npm": ("npm", "npm"),
    "yarn": ("yarn", "yarn"),
    "yarnpkg": ("yarn", "yarn"),
    "pnpm": ("pnpm", "pnpm"),
    "bun": ("bun", "bun"),
    "gem": ("gem", "gem"),
    "bundle": ("bundle", "bundle"),
    "bundler": ("bundle", "bundle"),
    "cargo": ("cargo", "cargo"),
    "go": ("go", "go"),
    "composer": ("composer", "composer"),
    "composer.phar": ("composer", "composer"),
}
MAX_NAME = 1_000  # of a package with its version; no longer word is one
_PIP = regex(r"pip(?:\d+(?:\.\d+)?)?\Z")
_PYTHON = regex(r"(?:python|pypy)(?:\d+(?:\.\d+)*t?)?\Z")
_PYTHON_VALUED = frozenset(("-W", "-X", "-m", "-c", "--check-hash-based-pycs"))
_PYTHON_MODULES = {"pip": "pip", "pipx": "pipx", "uv": "uv", "poetry": "poetry", "pipenv": "pipenv"}
_QUESTIONS = frozenset(("-h", "-v", "-V", "--help", "--version"))


def package_commands(script: Script) -> tuple[PackageCommand, ...]:
    """The commands of a script that are calls of a package manager."""
    read = [read_package_command(command) for command in script.commands]
    return tuple(call for call in read if call is not None)


def read_package_command(command: Command, *, with_packages: bool = True) -> PackageCommand | None:
    """What a command tells a package manager, an Install when it installs; None for other commands.

    Without `with_packages` the words are not looked at that name packages, which are most of a long command.
    """
    found = _manager(command)
    if not found:
        return None
    manager, module, arguments = found
    table = _table(module)
    options, operands = _split(table, arguments)
    if module == "pacman":
        told = _operation(command, options, operands)
    elif operands:
        told = _verb(table, operands)
    else:
        told = _no_verb(table, command, options)
    if told is None:
        return None
    verb, action, rest = told
    packages: list[Package] = []
    if with_packages and action in ("install", "remove", "upgrade"):
        packages = _with_version(table, options, _packages(table, options, rest))
        if "xargs" in command.wrappers and all(each.name for each in packages):
            packages.append(Package(verb.span, "", None, "", "variable"))
    kind = Install if action == INSTALL else PackageCommand
    return kind(command, manager, action, verb, tuple(packages), tuple(options))


# the call


def _manager(command: Command) -> tuple[str, str, tuple[Argument, ...]] | None:
    """The manager, its table's module and the arguments that are for it."""
    program = command.program
    if program in _MANAGERS:
        return (*_MANAGERS[program], command.arguments)
    if _PIP.match(program):
        return "pip", "pip", command.arguments
    if _PYTHON.match(program):
        return _python_module(command.arguments)
    if program == "php":
        return _php_script(command.arguments)
    return None


def _python_module(arguments: tuple[Argument, ...]) -> tuple[str, str, tuple[Argument, ...]] | None:
    """The manager behind `-m` on Python's command line, and what follows it."""
    at = 0
    while at < len(arguments) and arguments[at].text.startswith("-"):
        text = arguments[at].text
        following = arguments[at + 1].text if at + 1 < len(arguments) else ""
        for name, value, takes_next in split_options(text, _PYTHON_VALUED):
            at += takes_next
            if name == "-m":
                manager = _PYTHON_MODULES.get(text[value:] if value else following)
                return (manager, manager, arguments[at + 1 :]) if manager else None
        at += 1
    return None


def _php_script(arguments: tuple[Argument, ...]) -> tuple[str, str, tuple[Argument, ...]] | None:
    """`php -d memory_limit=-1 composer.phar install`."""
    for at, argument in enumerate(arguments):
        if re.search(r"(?:^|/)composer(?:\.phar)?$", argument.text):
            return "composer", "composer", arguments[at + 1 :]
        if not argument.text.startswith("-") and (at == 0 or arguments[at - 1].text not in ("-d", "-c")):
            return None
    return None


@lru_cache(maxsize=32)
def _table(module: str) -> Table:
    from importlib import import_module

    name, _, table = module.partition(".")
    found: Table = getattr(import_module(f"dfguard.shell.packages.{name}"), table or "TABLE")
    return found


# options and operands


def _split(table: Table, arguments: tuple[Argument, ...]) -> tuple[list[Option], list[Argument]]:
    options: list[Option] = []
    operands: list[Argument] = []
    at = 0
    while at < len(arguments):
        argument = arguments[at]
        following = arguments[at + 1] if at + 1 < len(arguments) else None
        at += 1
        if argument.text == "--":
            operands += () if table.dashes_end else arguments[at:]
            break
        if not argument.text.startswith("-") or argument.text == "-":
            operands.append(argument)
            continue
        for name, value, takes_next in _uses(table, argument.text):
            attached = argument.tail(value) if value else None
            takes_next = takes_next or (value is None and _takes(table, name, following))
            at += takes_next
            options.append(Option(argument.span, name, following if takes_next else attached, _spellings(table, name)))
    return options, operands


def _takes(table: Table, name: str, following: Argument | None) -> bool:
    """Whether an option that need not have a value has one."""
    if following is None:
        return False
    if name in table.optional:
        return not following.text.startswith("-")
    return table.truth and following.text in ("true", "false")


def _uses(table: Table, text: str) -> list[tuple[str, int | None, bool]]:
    if table.single_dash:
        name, equals, _ = text.partition("=")
        short = "-" + name.lstrip("-")
        return [(short, len(name) + 1 if equals else None, not equals and short in table.valued)]
    uses = split_options(text, table.valued)
    name, value, takes_next = uses[0] if uses else ("", None, False)
    if table.abbreviates and name.startswith("--") and name not in table.valued and name not in table.switches:
        meant = [option for option in (*table.valued, *table.switches) if option.startswith(name)]
        if len(meant) == 1:
            return [(meant[0], value, value is None and meant[0] in table.valued)]
    return [(name, value, takes_next), *uses[1:]] if uses else []


def _spellings(table: Table, name: str) -> tuple[str, ...]:
    return next((group for group in table.spellings if name in group), (name,))


# the verb


def _verb(table: Table, operands: list[Argument]) -> tuple[Argument, str, list[Argument]] | None:
    """The verb, its action and the words that may be packages."""
    for pattern, count in table.prefixes:
        if re.match(pattern, operands[0].text):
            operands = operands[count:]
    words = [word.text for word in operands[:3]]
    for length in range(len(words), 0, -1):
        text = " ".join(words[:length])
        if text in table.verbs and None not in {word.value for word in operands[:length]}:
            rest = [] if text in table.lists else operands[length:]
            return operands[0], table.verbs[text], rest[table.places.get(text, slice(None))]
    return (operands[0], OTHER, operands[1:]) if operands else None


def _no_verb(table: Table, command: Command, options: list[Option]) -> tuple[Argument, str, list[Argument]] | None:
    """A call of options only: what the manager does then, with the program in the place of the verb."""
    if not table.alone or any(option.name in _QUESTIONS for option in options):
        return None
    return _program(command), table.alone, []


def _operation(
    command: Command, options: list[Option], operands: list[Argument]
) -> tuple[Argument, str, list[Argument]] | None:
    """The operation of pacman, which is an option."""
    from dfguard.shell.packages.pacman import action

    found = action([option.name for option in options], bool(operands) or "xargs" in command.wrappers)
    word = next((word for word in command.arguments if word.text.startswith("-")), None)
    return (word or _program(command), found, operands) if found else None


def _program(command: Command) -> Argument:
    from dfguard.shell.commands import Argument

    span = command.program_span
    return Argument(span, span.text, command.program, (command.program,))


# the packages


def _packages(table: Table, options: list[Option], words: Iterable[Argument]) -> list[Package]:
    """The packages that operands and options ask for."""
    named = [option for option in options if not table.replacing.isdisjoint(option.spellings)]
    packages = [] if named else [package for word in words for package in _of_word(table, word, "")]
    for option in options:
        kind = next((table.package_options[name] for name in option.spellings if name in table.package_options), None)
        if option.value and kind is not None:
            packages += _of_word(table, option.value, kind)
    return packages


def _with_version(table: Table, options: list[Option], packages: list[Package]) -> list[Package]:
    """Packages with the versions that stand apart from them: in a word of its own, or in an option."""
    joined: list[Package] = []
    for package in packages:
        if joined and not joined[-1].version and re.match(table.version_word, package.raw.strip("\"'")):
            joined[-1] = joined[-1].but(version=package.raw.strip("\"'"))
        else:
            joined.append(package)
    given = [option.value for option in options if not table.version_options.isdisjoint(option.spellings)]
    version = given[-1].text if given and given[-1] else None
    if version is None:
        return joined
    return [each.but(version=version) if each.version is None and each.kind == "name" else each for each in joined]


def _of_word(table: Table, word: Argument, kind: str) -> list[Package]:
    """The packages in one word: several where a variable holds them; `kind` when it is known beforehand."""
    texts = word.fields if word.value is not None else (re.sub(r"[\"']", "", word.raw),)
    if kind:
        return [Package(word.span, text, None, word.raw, kind) for text in texts if text]
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
