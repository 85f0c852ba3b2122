"""What git leaves alone in a folder tree, by its ignore files; git itself is never run.

Read are the `.gitignore` files from the top of the repository down and `.git/info/exclude`; not the
user's own global file, so that a machine's settings don't change what is checked. The index is not
read: a tracked file that an ignore line names counts as ignored.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MAX_BYTES = 1024 * 1024  # of an ignore file
MAX_STARS = 2  # in one segment of a line: pathspec's expressions backtrack over each


def repository_root(folder: str) -> str | None:
    """The nearest folder from `folder` upwards that holds `.git`, None when there is none."""
    here = os.path.abspath(folder)
    while not os.path.lexists(os.path.join(here, ".git")):
        parent = os.path.dirname(here)
        if parent == here:
            return None
        here = parent
    return here


class GitIgnored:
    """The ignore files that hold in one folder, outermost first; `enter` gives those of a folder in it."""

    def __init__(
        self, specs: tuple[tuple[str, GitIgnoreSpec], ...] = (), notes: tuple[str, ...] = (), *, active: bool = True
    ) -> None:
        self.specs = specs
        self.notes = notes
        self.active = active

    @classmethod
    def at(cls, folder: str) -> GitIgnored:
        """The rules in `folder`; empty outside of a git work tree."""
        folder = os.path.abspath(folder)
        root = repository_root(folder)
        if root is None:
            return cls(active=False)
        rules = cls()._with_file(root, os.path.join(root, ".git", "info", "exclude"))
        rules = rules.enter(root)
        inner = os.path.relpath(folder, root)
        here = root
        for part in inner.split(os.sep) if inner != "." else ():
            here = os.path.join(here, part)
            rules = rules.enter(here)
        return rules

    def enter(self, folder: str) -> GitIgnored:
        """The rules for the entries of `folder` (absolute), which lies directly in the current one."""
        if not self.active:
            return self
        return self._with_file(folder, os.path.join(folder, ".gitignore"))

    def ignores(self, path: str, *, folder: bool) -> bool:
        """Whether git ignores the entry at the absolute `path`; the innermost file that speaks decides."""
        for base, spec in reversed(self.specs):
            relative = os.path.relpath(path, base).replace(os.sep, "/")
            found = spec.check_file(relative + "/" * folder).include
            if found is not None:
                return found
        return False

    def _with_file(self, base: str, path: str) -> GitIgnored:
        lines = _lines(path)
        if not lines:
            return self
        from pathspec import GitIgnoreSpec

        usable = [line for line in lines if _usable(line)]
        costly = len(lines) - len(usable)
        note = (f"{path}: {costly} line(s) with many `*` or a mistake not used",) if costly else ()
        spec = GitIgnoreSpec.from_lines(usable, backend="simple")
        return GitIgnored((*self.specs, (base, spec)), (*self.notes, *note))


def _lines(path: str) -> list[str]:
    """The lines of a small regular file; none for anything else, as git has it for links."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(MAX_BYTES)
    except OSError:
        return []
    return data.decode("utf-8", "surrogateescape").splitlines()


def _usable(line: str) -> bool:
    """Whether pathspec reads the line and matches it without running away."""
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    segments = line.split("/")
    if sum(part == "**" for part in segments) > MAX_STARS:
        return False
    if any(part != "**" and part.count("*") > MAX_STARS for part in segments):
        return False
    try:
        GitIgnoreSpecPattern(line)
    except ValueError:
        return False
    return True
