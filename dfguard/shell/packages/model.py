"""What a package manager is told to do, as immutable data."""

from __future__ import annotations

from dfguard.shell.commands import Argument, Command
from dfguard.source import Span
from dfguard.struct import Struct

_BOOLEANS = frozenset(("apt::install-recommends", "apt::install-suggests", "apt::get::assume-yes", "install_weak_deps"))
# StringToBool of apt (apt-pkg/contrib/strutl.cc); dnf takes the same words but `with` and `enable`.
_TRUTH = dict.fromkeys(("0", "no", "false", "off", "without", "disable"), "false") | dict.fromkeys(
    ("1", "yes", "true", "on", "with", "enable"), "true"
)


class Package(Struct):
    """One thing asked for.

    `kind` is `name`; `file` (a local file or folder); `url` (anything fetched by address); `variable`
    (the name is not written here: `name` is what a known variable holds, else ""). `version` is what
    the text pins or demands: `1.2` for `name=1.2` and `name==1.2`, `>=1.2`, `~1.2`, `^1` with their
    operator otherwise; an unknown variable in it stays as written. `raw` is the word as written.
    """

    span: Span
    name: str
    version: str | None
    raw: str
    kind: str


class Option(Struct):
    """One option: `name` as written, `spellings` all options that mean the same, `value` its value if any."""

    span: Span
    name: str
    value: Argument | None
    spellings: tuple[str, ...]


class PackageCommand(Struct):
    """A call of a package manager.

    `manager` is the program without version and folder (apt-get, dnf, pip, npm, cargo ...); `action` is
    install, update (of the lists), upgrade, remove, clean or other; `verb` is the word that says so, the
    program itself for `yarn` alone.
    """

    command: Command
    manager: str
    action: str
    verb: Argument
    packages: tuple[Package, ...]
    options: tuple[Option, ...]

    @property
    def span(self) -> Span:
        """From the program to the last argument."""
        return self.command.span

    def has(self, *options: str) -> bool:
        """Whether one of these options is given, in any spelling (`-y`, `--yes`, `-qqy`)."""
        return any(name in option.spellings for option in self.options for name in options)

    def values(self, *options: str) -> tuple[Argument, ...]:
        """The values of these options in order, as for `pip install -r a.txt -r b.txt`."""
        found = [each for each in self.options if any(name in each.spellings for name in options)]
        return tuple(option.value for option in found if option.value)

    def value(self, *options: str) -> str | None:
        """The last value of these options; None when absent or not known."""
        found = self.values(*options)
        return found[-1].value if found else None

    def config(self, key: str) -> str | None:
        """The last value given to a setting: `-o KEY=value` of apt, `--setopt=KEY=value` of dnf.

        Keys are compared without regard to case. For keys known to be boolean the value is `true` or
        `false` however it is written. None when absent.
        """
        found = None
        for argument in self.values("--option", "--setopt"):
            name, equals, value = argument.text.partition("=")
            if equals and name.strip().lower() == key.lower():
                found = value.strip().strip("\"';")
        return found if found is None or key.lower() not in _BOOLEANS else _TRUTH.get(found.lower(), found)


class Install(PackageCommand):
    """A call that installs packages; without any (`npm ci`, `pip install -r`) the list stands in files."""
