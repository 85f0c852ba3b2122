"""`dfguard.lock`: what tags stood for when they were pinned.

One entry for an image and tag, sorted, so that two runs write the same text. It names no hosts but those of the
images themselves: where to ask is for the command line to say.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any

from dfguard.errors import ConfigError, InputError
from dfguard.gitignored import repository_root
from dfguard.reference import Reference, parse
from dfguard.regex import regex
from dfguard.struct import Struct

NAME = "dfguard.lock"
MAX_BYTES = 4 << 20
MAX_ABOVE = 20
_VERSION = 1
_KEYS = frozenset(("name", "tag", "digest", "resolved"))
_DIGEST = regex(r"sha256:[0-9a-f]{64}")
_DATE = regex(r"\d{4}-\d\d-\d\d")
_HEAD = (
    "# What the tags of images stood for when they were pinned. Written by `dfguard pin`; commit it.\n"
    f"version = {_VERSION}\n"
)

Key = tuple[str, str]


class Entry(Struct):
    """An image with its tag and digest; `resolved` is the day it was looked up, "" for a digest that was there."""

    name: str
    tag: str
    digest: str
    resolved: str = ""


def key_of(image: Reference) -> Key:
    """The name of an image with its registry, and the tag that counts."""
    return f"{image.registry}/{image.repository}", image.tag or "latest"


class Lock(Struct):
    """A lock as it was read: `data` is None where there is no file yet."""

    path: str
    data: bytes | None
    entries: Mapping[Key, Entry]


def find_lock(folder: str) -> str:
    """The path of the lock for a folder: the nearest one up to the root of the repository, else one in the folder."""
    root = repository_root(folder)
    here = os.path.abspath(folder)
    for _ in range(MAX_ABOVE):
        path = os.path.join(here, NAME)
        if os.path.lexists(path):
            return os.path.relpath(path)
        if root is None or here == os.path.abspath(root) or os.path.dirname(here) == here:
            break
        here = os.path.dirname(here)
    return os.path.relpath(os.path.join(folder, NAME))


def read_lock(path: str, *, named: bool = False) -> Lock:
    """Read a lock. Raises ConfigError for a wrong one, InputError for one that can't be read.

    A link is followed only where the command line names it (`named`): a tree may not lead reading elsewhere.
    """
    if os.path.islink(path) and not named:
        raise InputError(path, "is a symbolic link; expected a file (or --lock FILE)")
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return Lock(path, None, {})
    except OSError as error:
        raise InputError(path, f"can't be read: {error.strerror}") from error
    if len(data) > MAX_BYTES:
        raise InputError(path, f"has more than {MAX_BYTES:,} bytes; expected a lock")
    return Lock(path, data, _entries(path, data))


def _entries(path: str, data: bytes) -> dict[Key, Entry]:
    import tomli

    try:
        text = data.decode()
        document = tomli.loads(text)
    except UnicodeDecodeError:
        raise ConfigError(path, 0, "is no UTF-8 text; expected TOML") from None
    except tomli.TOMLDecodeError as error:
        line = re.search(r"\(at line (\d+),", str(error))
        raise ConfigError(path, int(line[1]) if line else 0, f"is no TOML: {error}") from None
    except RecursionError:
        raise ConfigError(path, 0, "is nested too deeply; expected [[image]] tables") from None
    images = document.get("image", [])
    if document.get("version") != _VERSION or not isinstance(images, list):
        raise ConfigError(path, 0, f"expected version = {_VERSION} and [[image]] tables")
    found: dict[Key, Entry] = {}
    for at, table in enumerate(images):
        why = _fault(table)
        entry = Entry(**table) if not why else None
        if entry is None or (entry.name, entry.tag) in found:
            raise ConfigError(path, _line(text, at), why or "names an image and tag a second time")
        found[entry.name, entry.tag] = entry
    return found


def _line(text: str, at: int) -> int:
    from dfguard.toml_lines import lines_of

    return lines_of(text).get(("image", at), 0)


def _fault(table: Any) -> str:
    """What is wrong with an [[image]] table, "" when nothing is."""
    if not isinstance(table, dict) or not set(table) <= _KEYS or not all(isinstance(v, str) for v in table.values()):
        return "expected an [[image]] with the texts name, tag, digest and resolved"
    name, tag = table.get("name", ""), table.get("tag", "")
    image = parse(f"{name}:{tag}")
    if image is None or key_of(image) != (name, tag):
        return f"{name[:80]!r} with the tag {tag[:80]!r} is no image; expected such as docker.io/library/node"
    if not _DIGEST.fullmatch(table.get("digest", "")):
        return 'expected digest = "sha256:" and 64 hexadecimal digits'
    if "resolved" in table and not _DATE.fullmatch(table["resolved"]):
        return "expected resolved as a day, such as 2026-01-31"
    return ""


def render(entries: Iterable[Entry]) -> bytes:
    """The text of a lock: the same for the same entries."""
    parts = [_HEAD]
    for entry in sorted(entries, key=lambda entry: (entry.name, entry.tag)):
        lines = [f'name = "{entry.name}"', f'tag = "{entry.tag}"', f'digest = "{entry.digest}"']
        lines += [f'resolved = "{entry.resolved}"'] if entry.resolved else []
        parts.append("\n[[image]]\n" + "".join(f"{line}\n" for line in lines))
    return "".join(parts).encode()
