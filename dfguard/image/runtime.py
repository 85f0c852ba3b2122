"""What a container of the image starts with, held against what is there: user, program, working folder, accounts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from dfguard.image.additions import DEFAULT_PATH
from dfguard.image.model import Image
from dfguard.image.view import Version, View
from dfguard.source import ImagePlace, LayerPlace
from dfguard.struct import Struct

USER, PROGRAM, WORKDIR = "user", "program", "workdir"
NO_PASSWORD, ROOT_TWICE, SHARED = "no-password", "root-twice", "shared"

_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")  # as useradd takes it
ACCOUNT_FILES = frozenset({"/etc/passwd", "/etc/group", "/etc/shadow"})


def is_account_file(path: str) -> bool:
    """The files whose contents `runtime_faults` needs."""
    return path in ACCOUNT_FILES


def masked(path: str, data: bytes) -> bytes:
    """An account file with nothing in it that `runtime_faults` does not need: no password, comment or program."""
    rows = []
    for row in _rows(data.decode("utf-8", "replace")):
        if len(row) > 1:
            numbers = (field if field.strip().isdigit() else "" for field in row[2:])
            rows.append(":".join((row[0], "x" if row[1] else "", *numbers)))
        elif _NAME.fullmatch(row[0]):
            rows.append(row[0])
    return "\n".join(rows).encode()


class RuntimeFault(Struct):
    """Something that a container of the image stumbles over; `kind` is one of the above, `problem` says what.

    `name` is the user, program or folder that the configuration names, or the account.
    """

    kind: str
    place: LayerPlace | ImagePlace
    name: str
    problem: str


def runtime_faults(image: Image, view: View) -> Iterator[RuntimeFault]:
    """All of them; nothing for images of Windows, whose files are not looked into that way."""
    if image.config.os == "windows" or not image.layers:
        return
    yield from _user(image, view)
    yield from _program(image, view)
    yield from _workdir(image, view)
    yield from _accounts(image, view)
    yield from _shared(image, view)


def _content(image: Image, view: View, path: str) -> str | None:
    """The text of a file of the final image, "" for none; None for one that was not kept."""
    found = view.resolve(path)
    if found is None:
        return ""
    for kept, data in image.layers[found.data.layer].content.kept:
        if kept == found.data.path:
            return data.decode("utf-8", "replace")
    return None


def _rows(text: str) -> list[list[str]]:
    return [line.split(":") for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _user(image: Image, view: View) -> Iterator[RuntimeFault]:
    user, _, group = image.config.user.partition(":")
    place = ImagePlace(image.name, "config.User")
    for name, path, what in ((user, "/etc/passwd", "user"), (group, "/etc/group", "group")):
        text = _content(image, view, path)
        if name and not name.isdigit() and text is not None and all(row[0] != name for row in _rows(text)):
            yield RuntimeFault(USER, place, name, f"no {what} of this name stands in {path}")


def _program(image: Image, view: View) -> Iterator[RuntimeFault]:
    config = image.config
    words = config.entrypoint or config.cmd
    section = "Entrypoint" if config.entrypoint else "Cmd"
    if not words or not words[0]:
        return
    name, place = words[0], ImagePlace(image.name, f"config.{section}")
    if any(_below(name, volume) for volume in config.volumes):
        return
    paths = _candidates(image, name)
    found = next((each for each in map(view.resolve, paths) if each is not None and _is_program(each)), None)
    if found is None:
        there = next((each for each in map(view.resolve, paths) if each is not None), None)
        problem = "is not executable" if there is not None and there.entry.kind != "dir" else "is not in the image"
        yield RuntimeFault(PROGRAM, place, name, problem)
        return
    needs = _interpreter(found.data.entry.interpreter)
    if needs.startswith("/") and view.resolve(needs) is None:
        yield RuntimeFault(PROGRAM, place, name, f"needs {needs}, which is not in the image")


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _candidates(image: Image, name: str) -> list[str]:
    """Where the program is looked up, as execvp(3) does after the folder was changed."""
    if "/" in name:
        return [posixpath.join(image.config.workdir or "/", name)]
    told = dict(image.config.env).get("PATH", DEFAULT_PATH)
    return [posixpath.join(folder, name) for folder in told.split(":") if folder.startswith("/")]


def _is_program(version: Version) -> bool:
    return version.data.entry.kind in ("file", "hardlink") and bool(version.data.entry.mode & 0o111)


def _interpreter(told: str) -> str:
    """The path that runs a program, "" for none."""
    if told.startswith("#!"):
        return (told[2:].split() or [""])[0] if not told.endswith("\r") else ""
    return told.split(":", 2)[2] if told.startswith("elf:") and told.count(":") >= 2 else ""


def _workdir(image: Image, view: View) -> Iterator[RuntimeFault]:
    folder = image.config.workdir
    if not folder.startswith("/") or folder.strip("/") == "" or any(_below(folder, v) for v in image.config.volumes):
        return
    found = view.resolve(folder)
    place = ImagePlace(image.name, "config.WorkingDir")
    if found is not None and found.entry.kind not in ("dir", "hardlink"):
        yield RuntimeFault(WORKDIR, place, folder, f"is a {found.entry.kind}, and no container starts")
    elif found is None and not _has_below(view, view.real(folder) or folder):
        yield RuntimeFault(WORKDIR, place, folder, "is not in the image: engines make it, and it belongs to root")


def _has_below(view: View, folder: str) -> bool:
    """Whether something lies in a folder that no layer lists by itself."""
    return any(path.startswith(folder + "/") for path in view.final)


def _tables(image: Image, view: View, *paths: str) -> Iterator[tuple[str, LayerPlace, list[list[str]]]]:
    """Those of the files that the image has, each with the layer it is from and its rows."""
    for path in paths:
        found = view.resolve(path)
        if found is not None:
            place = LayerPlace(image.name, image.layers[found.layer].digest, path)
            yield path, place, _rows(_content(image, view, path) or "")


def _accounts(image: Image, view: View) -> Iterator[RuntimeFault]:
    for path, place, rows in _tables(image, view, "/etc/passwd", "/etc/shadow"):
        for row in rows:
            if len(row) > 3 and row[0] and not row[1]:
                yield RuntimeFault(NO_PASSWORD, place, row[0], f"has an empty password in {path}")
            if path == "/etc/passwd" and len(row) > 3 and row[0] != "root" and row[2].strip() == "0":
                yield RuntimeFault(ROOT_TWICE, place, row[0], "has the id 0, which is root's")


def _shared(image: Image, view: View) -> Iterator[RuntimeFault]:
    """Names and ids that stand twice; accounts with root's id are told of by `_accounts`."""
    for path, place, rows in _tables(image, view, "/etc/passwd", "/etc/group"):
        names: set[str] = set()
        ids: dict[str, str] = {}
        for row in rows:
            if len(row) < 4 or not row[0] or row[0] in "+-":
                continue
            name, number = row[0], row[2].strip().lstrip("0")
            if name in names:
                yield RuntimeFault(SHARED, place, name, f"stands twice in {path}: the first line counts")
            elif number and number in ids:
                yield RuntimeFault(SHARED, place, name, f"has the id {number} in {path}, as {ids[number]!r} has")
            names.add(name)
            ids.setdefault(number, name)
