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
        self._folders: dict[str, str | None] = {"": os.path.join(root, "")}  # where each is on disk

    def open(self, path: str) -> int:
        """A descriptor of the regular file at `path`; raises InputError for what is none or lies outside."""
        return self._opened(path)[0]

    def _opened(self, path: str) -> tuple[int, int]:
        """The descriptor, and the size of the file. Once for every file of a context, so all in one piece."""
        folder, _, name = path.rpartition("/")
        place = self._folders.get(folder) or self._folder(folder)
        if place is None or name in _NO_NAMES:
            raise InputError(path, "is not in the build context")
        try:
            descriptor = os.open(place + name, _O_FLAGS)
        except OSError as error:
            if error.errno != ELOOP:
                raise InputError(path, f"can't be read: {error.strerror}") from error
            return self._open_link(path)
        except ValueError:  # a NUL in the name
            raise InputError(path, "is not in the build context") from None
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode):
            return descriptor, status.st_size
        os.close(descriptor)
        raise InputError(path, "is no regular file")

    def whole(self, path: str, most: int) -> bytes | None:
        """The content of a regular file, None for one of more than `most` bytes; raises InputError as `open` does."""
        descriptor, size = self._opened(path)
        try:
            if size > most:
                return None
            if size < _AT_ONCE:
                data = os.read(descriptor, _AT_ONCE)
                return data if len(data) < _AT_ONCE else None
            data = os.read(descriptor, size + 1)
            return data if len(data) <= size else None
        except OSError as error:
            raise InputError(path, f"can't be read: {error.strerror}") from error
        finally:
            os.close(descriptor)

    def _folder(self, folder: str) -> str | None:
        """Where a folder is, with a slash behind; asks the system once for each part of a path."""
        try:
            return self._folders[folder]
        except KeyError:
            pass
        above, _, name = folder.rpartition("/")
        place = self._folder(above)
        if place is not None and (name in _NO_NAMES or not _is_folder(place + name)):
            inside = find_inside(self.root, folder)
            place = None if inside is None else os.path.join(self.root, inside)
        elif place is not None:
            place += name
        self._folders[folder] = None if place is None else place + os.sep
        return self._folders[folder]

    def _open_link(self, path: str) -> tuple[int, int]:
        """What a link leads to inside of the folder."""
        inside = find_inside(self.root, path)
        if inside is None or inside == path:
            raise InputError(path, "is not in the build context")
        return self._opened(inside)


def _is_folder(place: str) -> bool:
    """Whether a folder itself is there, not a link to one."""
    try:
        return stat.S_ISDIR(os.lstat(place).st_mode)
    except (OSError, ValueError):
        return False


_AT_ONCE = 64 * 1024  # most files are smaller; a buffer of that size needs no new memory each time
_NO_NAMES = ("", ".", "..")
# Without O_NOFOLLOW (Windows) a link that somebody puts in the place of a file just now would be followed.
_O_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
