"""What git says of the files of a build context: which it ignores, and which it tracks. git is never run."""

from __future__ import annotations

import os
from functools import cached_property

from dfguard.gitignored import MAX_BYTES, GitIgnored, repository_root
from dfguard.gitindex import modes
from dfguard.source import Source, Span
from dfguard.struct import Struct

GITIGNORE = ".gitignore"


class GitLine(Struct):
    """One line of a `.gitignore` that is neither empty nor a comment nor a `!` line.

    `folder` is where it holds, relative to the context, "" for the context itself or a folder above it.
    `name` is the line without the slashes around it.
    """

    span: Span
    folder: str
    name: str


class GitFolder:
    """A build context inside of a git work tree; outside of one it ignores and tracks nothing."""

    def __init__(self, root: str) -> None:
        self.root = os.path.abspath(root)
        self.repository = repository_root(self.root)
        self._rules: dict[str, GitIgnored] = {}

    def ignores(self, path: str, *, folder: bool = False) -> bool:
        """Whether git ignores a path of the context, or a folder above it in the context."""
        if self.repository is None:
            return False
        parts = path.split("/")
        rules = self._rules_in("")
        for end in range(1, len(parts) + 1):
            here = "/".join(parts[:end])
            last = end == len(parts)
            if rules.ignores(os.path.join(self.root, here), folder=folder or not last):
                return True
            if not last:
                rules = self._rules_in(here)
        return False

    def _rules_in(self, folder: str) -> GitIgnored:
        if folder not in self._rules:
            full = os.path.join(self.root, folder)
            above = folder.rpartition("/")[0]
            self._rules[folder] = self._rules_in(above).enter(full) if folder else GitIgnored.at(full)
        return self._rules[folder]

    @cached_property
    def tracked(self) -> frozenset[str] | None:
        """The tracked files relative to the context, None when that is not known; see `gitindex.tracked`."""
        if self.repository is None:
            return None
        return frozenset(self._modes) if self._modes is not None else None

    def executes(self, path: str) -> bool:
        """Whether git checks out a file of the context as executable, whatever this checkout made of it."""
        return bool((self._modes or {}).get(path, 0) & 0o100)

    @cached_property
    def _modes(self) -> dict[str, int] | None:
        """The modes of the tracked files, by their paths in the context."""
        found = modes(self.repository) if self.repository is not None else None
        inner = os.path.relpath(self.root, self.repository).replace(os.sep, "/") if self.repository else "."
        if found is None or inner == ".":
            return found
        return {path[len(inner) + 1 :]: mode for path, mode in found.items() if path.startswith(inner + "/")}

    def lines(self, folders: tuple[str, ...] = ()) -> tuple[GitLine, ...]:
        """The lines of the `.gitignore` files from the repository's root to the context, and of `folders` in it."""
        if self.repository is None:
            return ()
        found: list[GitLine] = []
        above, here = [], self.root
        while here != self.repository:
            here = os.path.dirname(here)
            above.append(here)
        for folder in above[::-1]:
            inner = os.path.relpath(self.root, folder).replace(os.sep, "/")
            found += (
                line.but(folder="", name=line.name.removeprefix(inner + "/"))
                for line in _lines(os.path.join(folder, GITIGNORE), "")
                if "/" not in line.name or line.name.startswith(inner + "/")
            )
        for inside in ("", *folders):
            found += _lines(os.path.join(self.root, inside, GITIGNORE), inside)
        return tuple(found)


def _lines(path: str, folder: str) -> list[GitLine]:
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(MAX_BYTES)
    except OSError:
        return []
    source = Source(os.path.relpath(path), data.decode("utf-8", "surrogateescape"))
    found = []
    for number, start in enumerate(source.line_starts, 1):
        text = source.line_text(number)
        name = text.strip()
        if name and not name.startswith(("#", "!")):
            at = start + text.index(name)
            found.append(GitLine(source.span(at, at + len(name)), folder, name.strip("/").removeprefix("**/")))
    return found
