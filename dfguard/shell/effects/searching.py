"""`find`: what it looks for and what it does with that. After find(1) of findutils 4.9 and BusyBox 1.36."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.shell.argument import Argument
from dfguard.shell.effects.model import Effect, Finds, Opaque
from dfguard.shell.effects.use import words

if TYPE_CHECKING:
    from dfguard.shell.commands import Command

_TESTS = words("-name -iname -path -wholename -type -empty")
_VALUED_TESTS = words(
    "-size -mtime -atime -ctime -mmin -amin -cmin -newer -perm -user -group -uid -gid -regex -iregex -inum -links"
    " -lname -ilname -regextype -samefile -fstype -newermt -ipath -iwholename -used -anewer -cnewer -xtype"
)
_PRINTS = words("-print -print0 -ls -quit -prune")
_RUNS = words("-exec -execdir -ok -okdir")
_READS = words("grep egrep fgrep ls cat echo test file stat head tail wc md5sum sha256sum basename dirname readlink du")


def find(command: Command) -> list[Effect]:
    """The effects of `find`; what only reads has none."""
    told = _Find(command)
    if told.act == "print":
        return []
    if told.act == "run" and told.program and told.program[0].text.rsplit("/", 1)[-1] in _READS:
        return []
    if not told.exact or any(root.value is None for root in told.roots):
        return [Opaque(command.span, "find changes files that match", told.scope)]
    return [told.effect]


def found_by(command: Command) -> Finds | None:
    """What a `find` that only lists lists; None when its tests are not followed, or it does more."""
    told = _Find(command)
    if told.act != "print" or not told.exact or any(root.value is None or root.glob for root in told.roots):
        return None
    return told.effect


def roots_of(command: Command) -> Argument | None:
    """The one folder that a `find` looks in; None when there are several or it is not known."""
    return _Find(command).scope


class _Find:
    """The words of a `find` command."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self.tests: list[tuple[bool, str, str]] = []
        self.act = "print"
        self.program: tuple[Argument, ...] = ()
        self.least = 0
        self.most: int | None = None
        self.exact = True
        arguments = list(command.arguments)
        while arguments and arguments[0].text in ("-H", "-L", "-P"):
            self.exact = self.exact and arguments.pop(0).text == "-P"
        at = next((i for i, a in enumerate(arguments) if a.text.startswith(("-", "(", "!", "\\("))), len(arguments))
        named = tuple(each for word in arguments[:at] for each in word.each)
        self.roots = named or (Argument(command.program_span, ".", ".", (".",)),)
        self.rest = iter(arguments[at:])
        self.read()

    def read(self) -> None:
        """Go over tests and actions."""
        negated = False
        for word in self.rest:
            text = word.text
            if text in ("!", "-not"):
                negated = not negated
                continue
            if text in _TESTS:
                value = next(self.rest, None) if text != "-empty" else None
                known = value.value if value is not None else ""
                self.exact = self.exact and known is not None and self.act == "print"
                self.tests.append((negated, text, known or ""))
            else:
                self.other(word, text)
                self.exact = self.exact and not negated
            negated = False

    def other(self, word: Argument, text: str) -> None:
        """A depth, an action, or what is not followed."""
        if text in ("-mindepth", "-maxdepth"):
            value = next(self.rest, None)
            depth = int(value.text) if value is not None and value.text.isdecimal() and len(value.text) < 6 else None
            self.exact = self.exact and depth is not None
            if text == "-mindepth":
                self.least = depth or 0
            else:
                self.most = depth
        elif text == "-delete":
            self.does("delete")
        elif text in _RUNS:
            self.does("run")
            program: list[Argument] = []
            for following in self.rest:
                if following.text in (";", "+"):
                    break
                program.append(following)
            self.program = tuple(program)
            self.exact = self.exact and text == "-exec"
        elif text in ("-depth", "-d", "-xdev", "-mount", "-a", "-and", "-noleaf"):
            pass
        elif text in _PRINTS:
            self.exact = self.exact and text in ("-print", "-print0")
        else:
            if text in _VALUED_TESTS:
                next(self.rest, None)
            self.exact = False

    def does(self, act: str) -> None:
        """An action that changes files; with two of them not all is followed."""
        self.exact = self.exact and self.act == "print"
        self.act = act

    @property
    def scope(self) -> Argument | None:
        """Where alone files can change; None: anywhere."""
        runs = self.program[0].text.rsplit("/", 1)[-1] if self.program else ""
        own = self.act == "delete" or (runs in ("rm", "rmdir", "unlink", "chmod", "shred") and self.act == "run")
        one = len(self.roots) == 1 and self.roots[0].value is not None and not self.roots[0].glob
        return self.roots[0] if one and (own or self.act == "print") else None

    @property
    def effect(self) -> Finds:
        """All of it."""
        return Finds(self.roots, tuple(self.tests), self.act, self.program, self.least, self.most)
