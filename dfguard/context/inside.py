"""Symbolic links followed inside of a folder, as if it were the root of the file system.

The builder resolves links of a build context in the same way: an absolute target and a `..` beyond
the top start at the folder again, so nothing outside of it is ever reached
(https://github.com/containerd/continuity/blob/main/fs/path.go, RootPath).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from errno import ELOOP

from dfguard.errors import InputError

MAX_LINKS = 255  # as in RootPath


def follow(path: str, link_target: Callable[[str], str | None]) -> str | None:
    """The path that `path` leads to, relative and clean ("" is the folder itself).

    `link_target` gives the target of a link, None for all else. The result is None for a loop.
    """
    pending = path.split("/")[::-1]
    done: list[str] = []
    links = 0
    while pending:
        part = pending.pop()
        if part in ("", "."):
            continue
        if part == "..":
            del done[-1:]
            continue
        target = link_target("/".join((*done, part)))
        if target is None:
            done.append(part)
            continue
        links += 1
        if links > MAX_LINKS:
            return None
        if target.startswith("/"):
            done.clear()
        pending += target.split("/")[::-1]
    return "/".join(done)


def find_inside(root: str, path: str) -> str | None:
    """Where `path` leads in the folder `root` on disk, free of links; None when nothing is there."""

    def link_target(name: str) -> str | None:
        try:
            return os.readlink(os.path.join(root, name))
        except (OSError, ValueError):  # no link, nothing there, or a NUL in the name
            return None

    found = follow(path, link_target)
    if found is None or "\0" in found:
        return None
    return found if os.path.lexists(os.path.join(root, found)) else None


class Opener:
    """Opens regular files of a folder without leaving it, as `find_inside` does; folders are resolved once each."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._folders: dict[str, str | None] = {}  # where each is on disk, with a slash behind

    def open(self, path: str) -> int:
        """A descriptor of the regular file at `path`; raises InputError for what is none or lies outside."""
        try:
            descriptor = os.open(self._place(path), os.O_RDONLY | _O_FLAGS)
        except OSError as error:
            if error.errno != ELOOP:
                raise InputError(path, f"can't be read: {error.strerror}") from error
            return self._open_link(path)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor
        os.close(descriptor)
        raise InputError(path, "is no regular file")

    def _place(self, path: str) -> str:
        folder, _, name = path.rpartition("/")
        if folder not in self._folders:
            inside = find_inside(self.root, folder) if folder else ""
            self._folders[folder] = None if inside is None else os.path.join(self.root, inside, "")
        place = self._folders[folder]
        if place is None or "\0" in name or name in ("", ".", ".."):
            raise InputError(path, "is not in the build context")
        return place + name

    def _open_link(self, path: str) -> int:
        """What a link leads to inside of the folder."""
        inside = find_inside(self.root, path)
        if inside is None or inside == path:
            raise InputError(path, "is not in the build context")
        return self.open(inside)


# Without O_NOFOLLOW (Windows) a link that somebody puts in the place of a file just now would be followed.
_O_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
