"""Symbolic links followed inside of a folder, as if it were the root of the file system.

The builder resolves links of a build context in the same way: an absolute target and a `..` beyond
the top start at the folder again, so nothing outside of it is ever reached
(https://github.com/containerd/continuity/blob/main/fs/path.go, RootPath).
"""

from __future__ import annotations

import os
from collections.abc import Callable

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
