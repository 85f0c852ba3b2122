"""What a file that was found may make us read: nothing outside of the repository.

A compose file of a stranger's repository may name `/` or `../..` as a context, directly or through a
link: that is said, and never followed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cached_property

from dfguard.errors import InputError
from dfguard.gitignored import GitIgnored
from dfguard.source import Source

MAX_FILES = 5_000
"""How many files one search for builds may read (compose files that include others, and the like)."""


class Territory:
    """A folder that files may be read in, and those read so far; `read` reads a text file.

    Paths are as the user would write them: relative ones start at the current folder.
    """

    def __init__(self, root: str, read: Callable[[str], Source]) -> None:
        self.root = os.path.realpath(root)
        self._read = read
        self._sources: dict[str, Source] = {}

    def holds(self, path: str) -> bool:
        """Whether a path leads into the territory, its links followed."""
        if path.startswith("~") or "\0" in path:
            return False
        real = os.path.realpath(path)
        return real == self.root or real.startswith(os.path.join(self.root, ""))

    def is_file(self, path: str) -> bool:
        """Whether a file is there that may be read."""
        return self.holds(path) and os.path.isfile(path)

    def comes_later(self, path: str) -> bool:
        """Whether something else than git puts a path that is missing where it belongs: git ignores it, or it lies
        in a submodule that is not checked out.
        """
        full = os.path.abspath(path)
        inner = os.path.relpath(full, self.root).replace(os.sep, "/")
        if any(f"{inner}/".startswith(f"{module}/") for module in self.submodules):
            return True
        top = os.path.dirname(full)
        while not os.path.isdir(top) and top != os.path.dirname(top):
            full, top = top, os.path.dirname(top)
        rules = GitIgnored.at(top)
        return rules.ignores(full, folder=True) or rules.ignores(full, folder=False)

    @cached_property
    def submodules(self) -> tuple[str, ...]:
        """The folders of git submodules, relative to the root."""
        path = os.path.join(self.root, ".gitmodules")
        try:
            text = self._read(path).text if os.path.isfile(path) and not os.path.islink(path) else ""
        except InputError:
            return ()
        return tuple(re.findall(r"^[ \t]*path[ \t]*=[ \t]*(\S+)", text, re.MULTILINE))

    def source(self, path: str) -> Source:
        """The text of a file, read once. Raises InputError for one that may not be or can't be read."""
        key = os.path.abspath(path)
        if key not in self._sources:
            if not self.holds(path):
                raise InputError(path, f"lies outside of {self.root}, where nothing is read unless it is named")
            if len(self._sources) >= MAX_FILES:
                raise InputError(path, f"is not read: {MAX_FILES:,} files were read already to find out what is built")
            self._sources[key] = self._read(path)
        return self._sources[key]


def join(folder: str, path: str) -> str:
    """A path seen from a folder, clean; relative as long as both are. `~` is left as it is."""
    return path if path.startswith("~") else os.path.normpath(os.path.join(folder, path))


def shown(path: str) -> str:
    """A path as reports show it: relative when it lies in the current folder."""
    if not os.path.isabs(path):
        return path
    here = os.path.join(os.getcwd(), "")
    return path[len(here) :] if path.startswith(here) else path
