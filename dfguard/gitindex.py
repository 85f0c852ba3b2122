"""The files that git tracks, read from the index; git itself is never run.

https://git-scm.com/docs/index-format
"""

from __future__ import annotations

import os
from struct import unpack_from

MAX_BYTES = 256 * 1024 * 1024
_FIXED = 62  # bytes of an entry before its name, with object names of 20 bytes
_FOLDER, _LINK = 0o040000, 0o160000  # modes of a folder (sparse index) and of a submodule


class _Unread(Exception):
    """The index is damaged, or of a kind that is not read."""


def modes(repository: str) -> dict[str, int] | None:
    """The modes of all tracked files by their paths, with slashes, relative to the root of the repository.

    Submodules end in a slash; a file that git checks out as executable has 0o100755.

    None when there is no repository, or its index is one that does not list every file (split, sparse) or has
    other object names than SHA-1. Nothing is tracked before the first `git add`, which makes the index.
    """
    folder = os.path.join(repository, ".git")
    if os.path.islink(folder) or not os.path.isdir(folder):
        return None
    if not os.path.lexists(os.path.join(folder, "index")) and os.path.isfile(os.path.join(folder, "HEAD")):
        return {}
    try:
        data = _read(os.path.join(folder, "index"))
        if b"objectformat" in _read(os.path.join(folder, "config")).lower():
            return None
        return _entries(data)
    except (OSError, _Unread):
        return None


def tracked(repository: str) -> frozenset[str] | None:
    """The paths of all tracked files as in `modes`; None as there."""
    found = modes(repository)
    return None if found is None else frozenset(found)


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise _Unread
    return data


def _entries(data: bytes) -> dict[str, int]:
    if len(data) < 32 or data[:4] != b"DIRC":
        raise _Unread
    version, count = unpack_from(">LL", data, 4)
    if version not in (2, 3, 4):
        raise _Unread
    found: dict[str, int] = {}
    at, name = 12, b""
    for _ in range(count):
        start = at
        if at + _FIXED > len(data):
            raise _Unread
        (mode,) = unpack_from(">L", data, at + 24)
        (flags,) = unpack_from(">H", data, at + 60)
        at += _FIXED + (2 if version >= 3 and flags & 0x4000 else 0)
        kept = b""
        if version == 4:
            strip, at = _offset(data, at)
            kept = name[: len(name) - strip]
        end = data.find(b"\0", at)
        if end < 0 or mode & 0o170000 == _FOLDER:
            raise _Unread
        name = kept + data[at:end]
        at = end + 1 if version == 4 else start + (end - start) // 8 * 8 + 8
        found[os.fsdecode(name) + "/" * (mode & 0o170000 == _LINK)] = mode
    if data[at : at + 4] == b"link":
        raise _Unread
    return found


def _offset(data: bytes, at: int) -> tuple[int, int]:
    """A number as in pack files, seven bits a byte, and where it ends."""
    value = data[at] & 0x7F
    while data[at] & 0x80:
        at += 1
        if at >= len(data):
            raise _Unread
        value = (value + 1) << 7 | data[at] & 0x7F
    return value, at + 1
