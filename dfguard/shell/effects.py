"""What a command does to files, as far as its text says."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from dfguard.shell.options import split_options
from dfguard.struct import Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dfguard.shell.commands import Argument, Command, Redirect
    from dfguard.source import Span


class Removes(Struct):
    """A path is removed; `recursive`: with all below it. The path may be a pattern (`path.glob`)."""

    path: Argument
    recursive: bool


class Moves(Struct):
    """`sources` go to `destination`. `into`: it is a folder for sure; None: not known from the text."""

    sources: tuple[Argument, ...]
    destination: Argument
    into: bool | None = None


class Copies(Struct):
    """`sources` are copied to `destination`; `into` as in Moves."""

    sources: tuple[Argument, ...]
    destination: Argument
    recursive: bool
    into: bool | None = None


class Links(Struct):
    """`destination` becomes a link to each of `sources`; `into` as in Moves."""

    sources: tuple[Argument, ...]
    destination: Argument
    symbolic: bool
    into: bool | None = None


class MakesDirectory(Struct):
    """A folder comes to be; `parents`: its parents too, and it may be there already."""

    path: Argument
    parents: bool


class Writes(Struct):
    """A file is written, or created when absent; `append`: what it held stays."""

    path: Argument
    append: bool


class ChangesDirectory(Struct):
    """Later commands of the same shell (Command.subshells) run in `path`; None for the home folder."""

    path: Argument | None


class Opaque(Struct):
    """Files are changed in a way that the text does not tell; `reason` is a few words for a reader."""

    span: Span
    reason: str


Effect = Removes | Moves | Copies | Links | MakesDirectory | Writes | ChangesDirectory | Opaque


class _Use(Struct):
    """The arguments of a command, options apart: `given` are option names, `target` is that of `-t`."""

    command: Command
    given: frozenset[str]
    operands: tuple[Argument, ...]
    target: Argument | None


def effects(command: Command) -> tuple[Effect, ...]:
    """The effects of a command on files, in order; () for a program that is not known here.

    A command with a path that only the running shell knows gives Opaque for that path. Whether the
    command runs at all is for `command.conditional` to say.
    """
    known = _PROGRAMS.get(command.program)
    found: list[Effect] = []
    if known:
        valued, read = known
        found += read(_use(command, valued))
        if "xargs" in command.wrappers and command.program != "cd":
            found.append(Opaque(command.span, f"{command.program} also takes paths from its input"))
    for redirect in command.redirects:
        found += _redirected(redirect)
    return tuple(found)


def _use(command: Command, valued: frozenset[str]) -> _Use:
    given: set[str] = set()
    operands: list[Argument] = []
    target: Argument | None = None
    words = command.arguments
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word.text == "--":
            operands += words[at:]
            break
        if not word.text.startswith("-") or word.text == "-":
            operands.append(word)
            continue
        for name, value, takes_next in split_options(word.text, valued):
            given.add(name)
            if name in ("-t", "--target-directory") and name in valued:
                target = word.tail(value) if value else next(iter(words[at : at + 1]), None)
            at += takes_next
    paths = tuple(each for word in operands for each in word.each)
    return _Use(command, frozenset(given), paths, target)


def _unknown(use: _Use) -> list[Effect]:
    """An Opaque for each path that is not known."""
    words = (*use.operands, *([use.target] if use.target else []))
    reason = f"{use.command.program} of a path that is not known"
    return [Opaque(word.span, reason) for word in words if word.value is None]


def _known(use: _Use) -> list[Argument]:
    return [word for word in use.operands if word.value is not None]


def _rm(use: _Use) -> list[Effect]:
    recursive = bool(use.given & {"-r", "-R", "--recursive"})
    return [*(Removes(word, recursive) for word in _known(use)), *_unknown(use)]


def _mkdir(use: _Use) -> list[Effect]:
    parents = bool(use.given & {"-p", "--parents"})
    return [*(MakesDirectory(word, parents) for word in _known(use)), *_unknown(use)]


def _touch(use: _Use) -> list[Effect]:
    if use.given & {"-c", "--no-create"}:
        return []
    return [*(Writes(word, True) for word in _known(use)), *_unknown(use)]


def _tee(use: _Use) -> list[Effect]:
    append = bool(use.given & {"-a", "--append"})
    return [*(Writes(word, append) for word in _known(use) if word.value != "-"), *_unknown(use)]


def _truncate(use: _Use) -> list[Effect]:
    return [*(Writes(word, False) for word in _known(use)), *_unknown(use)]


def _ends(use: _Use) -> tuple[tuple[Argument, ...], Argument, bool | None] | None:
    """Sources, destination and whether it is a folder; None when an operand is missing."""
    if use.target:
        return (use.operands, use.target, True) if use.operands else None
    if len(use.operands) < 2:
        return None
    *sources, destination = use.operands
    several = len(sources) > 1 or destination.text.endswith("/")
    return tuple(sources), destination, False if use.given & {"-T", "--no-target-directory"} else several or None


def _mv(use: _Use) -> list[Effect]:
    ends = _ends(use)
    return _unknown(use) or ([Moves(*ends)] if ends else [])


def _cp(use: _Use) -> list[Effect]:
    ends = _ends(use)
    recursive = bool(use.given & {"-r", "-R", "-a", "--recursive", "--archive"})
    return _unknown(use) or ([Copies(ends[0], ends[1], recursive, ends[2])] if ends else [])


def _install(use: _Use) -> list[Effect]:
    if use.given & {"-d", "--directory"}:
        return _mkdir(use.but(given=frozenset(("-p",))))
    ends = _ends(use)
    return _unknown(use) or ([Copies(ends[0], ends[1], False, ends[2])] if ends else [])


def _ln(use: _Use) -> list[Effect]:
    symbolic = bool(use.given & {"-s", "--symbolic"})
    ends = _ends(use)
    if use.operands and ends is None:
        return [Opaque(use.command.span, "the link lies in the folder where the command runs")]
    return _unknown(use) or ([Links(ends[0], ends[1], symbolic, ends[2])] if ends else [])


def _cd(use: _Use) -> list[Effect]:
    if not use.operands:
        return [ChangesDirectory(None)]
    path = use.operands[0]
    if path.value in (None, "-"):
        return [Opaque(path.span, "it goes on in a folder that is not known")]
    return [ChangesDirectory(path)]


def _popd(use: _Use) -> list[Effect]:
    return [Opaque(use.command.span, "it goes on in a folder that is not known")]


def _find(use: _Use) -> list[Effect]:
    words = [word.text for word in use.command.arguments]
    runs = {after.rsplit("/", 1)[-1] for word, after in pairwise(words) if word.startswith("-exec")}
    if "-delete" in words or runs & {"rm", "mv", "cp", "unlink", "shred", "sh", "bash"}:
        return [Opaque(use.command.span, "find changes files that match")]
    return []


def _redirected(redirect: Redirect) -> Sequence[Effect]:
    if redirect.operator not in (">", ">>", ">|", "&>", "&>>", ">&", "<>") or redirect.target is None:
        return ()
    path = redirect.target
    if redirect.operator == ">&" and (path.text == "-" or path.text.rstrip("-").isdigit()):
        return ()
    if path.value is None:
        return (Opaque(redirect.span, "the output goes to a path that is not known"),)
    if path.value.startswith("/dev/"):
        return ()
    return (Writes(path, redirect.operator in (">>", "&>>", "<>")),)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TARGET = _words("-t -S --suffix --target-directory")
_PROGRAMS: dict[str, tuple[frozenset[str], Callable[[_Use], list[Effect]]]] = {
    "rm": (frozenset(), _rm),
    "unlink": (frozenset(), _rm),
    "rmdir": (frozenset(), _rm),
    "shred": (_words("-n -s --iterations --size --random-source"), _truncate),
    "truncate": (_words("-s -r --size --reference"), _truncate),
    "mv": (_TARGET, _mv),
    "cp": (_TARGET, _cp),
    "ln": (_TARGET, _ln),
    "install": (_TARGET | _words("-g -m -o --group --mode --owner --strip-program"), _install),
    "mkdir": (_words("-m --mode"), _mkdir),
    "touch": (_words("-d -r -t --date --reference"), _touch),
    "tee": (frozenset(), _tee),
    "cd": (frozenset(), _cd),
    "chdir": (frozenset(), _cd),
    "pushd": (frozenset(), _cd),
    "popd": (frozenset(), _popd),
    "find": (frozenset(), _find),
}
