"""`tar` and `unzip`: what they pack and unpack. Options after the manuals of GNU tar 1.35, BusyBox 1.36, Info-ZIP 6."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.shell.effects.model import Effect, Opaque, Packs, Unpacks
from dfguard.shell.effects.use import words

if TYPE_CHECKING:
    from dfguard.shell.commands import Argument, Command

_LONG = {
    "--extract": "x",
    "--get": "x",
    "--create": "c",
    "--list": "t",
    "--append": "r",
    "--update": "u",
    "--file": "f",
    "--directory": "C",
    "--strip-components": "#",
    "--strip": "#",
    "--gzip": "z",
    "--gunzip": "z",
    "--bzip2": "j",
    "--xz": "J",
    "--zstd": "z",
    "--auto-compress": "a",
    "--verbose": "v",
    "--same-owner": "=",
    "--no-same-owner": "o",
    "--preserve-permissions": "p",
    "--same-permissions": "p",
    "--no-same-permissions": "n",
    "--touch": "m",
    "--numeric-owner": "=",
    "--no-xattrs": "v",
    "--xattrs": "v",
    "--warning": "v",
    "--checkpoint": "v",
    "--overwrite": "v",
}
_VALUED = "fC#"
_HARMLESS = "xctzjJavopm=h"
_UNZIP_FLAGS = words("-o -q -qq -n -u -j -v -a -L -X")


class _Tar:
    """The words of a `tar` command."""

    def __init__(self, command: Command) -> None:
        self.letters = ""
        self.archive: Argument | None = None
        self.folder: Argument | None = None
        self.strip: str | None = "0"
        self.exact = True
        self.operands: list[tuple[Argument, Argument | None]] = []
        self.rest = iter(command.arguments)
        plain = False
        for at, word in enumerate(self.rest):
            text = word.text
            if plain or text == "-" or (not text.startswith("-") and at):
                self.operands += [(each, self.folder) for each in word.each]
            elif text == "--":
                plain = True
            elif text.startswith("--"):
                self.long(word)
            else:
                self.short(word, bundled=not text.startswith("-"))

    def long(self, word: Argument) -> None:
        """`--name` or `--name=value`."""
        name, equals, _ = word.text.partition("=")
        letter = _LONG.get(name, "")
        if not letter:
            self.exact = False
        elif letter in _VALUED:
            self.valued(letter, word.tail(len(name) + 1) if equals else next(self.rest, None))
        else:
            self.letters += letter

    def short(self, word: Argument, *, bundled: bool) -> None:
        """`-xzf a`, or `xzf a` as the first word."""
        letters = word.text.lstrip("-")
        start = len(word.text) - len(letters)
        for at, letter in enumerate(letters):
            if letter in _VALUED:
                attached = not bundled and at + 1 < len(letters)
                self.valued(letter, word.tail(start + at + 1) if attached else next(self.rest, None))
                if attached:
                    return
            elif letter in _HARMLESS:
                self.letters += letter
            else:
                self.exact = False

    def valued(self, letter: str, value: Argument | None) -> None:
        """An option with its value."""
        if letter == "f":
            self.archive = value
        elif letter == "C":
            self.folder = value
        else:
            self.strip = value.value if value is not None else None


def tar(command: Command) -> list[Effect]:
    """The effects of `tar`."""
    told = _Tar(command)
    if "x" in told.letters:
        return _extract(command, told)
    if any(letter in told.letters for letter in "ru"):
        return [Opaque(command.span, "tar changes an archive", told.archive)]
    archive = told.archive
    if "c" not in told.letters:
        return []
    exact = told.exact and all(word.value is not None for word, _ in told.operands)
    if archive is None or archive.text == "-":
        return [Packs(None, tuple(told.operands), exact)]
    if archive.value is None:
        return [Opaque(archive.span, "tar writes an archive whose path is not known")]
    return [Packs(archive, tuple(told.operands), exact)]


def _extract(command: Command, told: _Tar) -> list[Effect]:
    folder, archive = told.folder, told.archive
    if folder is not None and folder.value is None:
        return [Opaque(folder.span, "tar unpacks into a folder that is not known")]
    if not told.exact and any(word.text in ("-P", "--absolute-names") for word in command.arguments):
        return [Opaque(command.span, "tar unpacks anywhere")]
    exact = told.exact and told.strip is not None and told.strip.isdecimal() and len(told.strip) < 4
    if archive is not None and archive.text == "-":
        archive = None
    elif archive is not None and archive.value is None:
        archive, exact = None, False
    members = [word.value for word, _ in told.operands]
    exact = exact and None not in members and not any(word.glob for word, _ in told.operands)
    names = tuple(member for member in members if member is not None)
    strip = int(told.strip) if exact and told.strip else 0
    return [Unpacks(archive, folder, strip, names, "o" not in told.letters, exact and "n" not in told.letters)]


def unzip(command: Command) -> list[Effect]:
    """The effects of `unzip`."""
    folder: Argument | None = None
    operands: list[Argument] = []
    exact = True
    rest = iter(command.arguments)
    for word in rest:
        text = word.text
        if text == "-d":
            folder = next(rest, None)
        elif text.startswith("-d") and len(text) > 2:
            folder = word.tail(2)
        elif text.startswith("-") and any(letter in text for letter in "lptzZ"):
            return []
        elif text.startswith("-"):
            exact = exact and set(text[1:]) <= set("oq")
        else:
            operands.append(word)
    if not operands:
        return []
    if folder is not None and folder.value is None:
        return [Opaque(folder.span, "unzip unpacks into a folder that is not known")]
    if operands[0].value is None or operands[0].glob or len(operands) > 1:
        exact = False
    return [Unpacks(operands[0] if exact else None, folder, 0, (), True, exact)]
