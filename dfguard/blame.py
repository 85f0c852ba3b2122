"""When lines of files were last changed, as git tells; nothing of a checked tree is run (see `changes`)."""

from __future__ import annotations

import os
from collections.abc import Iterable

from dfguard.changes import Git
from dfguard.errors import UsageError
from dfguard.gitignored import repository_root
from dfguard.regex import regex

_HEAD = regex(rb"[0-9a-f]{40,64} \d+ (\d+)(?: \d+)?")
_MOST_RANGES = 500


class Blame:
    """Tells dates; a repository is looked for once for each folder."""

    def __init__(self) -> None:
        self._gits: dict[str | None, Git | None] = {None: None}

    def times(self, path: str, lines: Iterable[int]) -> dict[int, int]:
        """Seconds since 1970 by line, for those that are committed; none outside of a repository or without git."""
        wanted = sorted(set(lines))[:_MOST_RANGES]
        top = repository_root(os.path.dirname(os.path.abspath(path)))
        git = self._git(os.path.realpath(top) if top else None)
        if git is None or not wanted:
            return {}
        ranges = [f"-L{line},{line}" for line in wanted]
        here = os.path.relpath(os.path.realpath(path), git.top)
        options = ("--porcelain", "--no-textconv", "--no-progress", "--ignore-revs-file=")
        try:
            return _times(git.output("blame", *options, *ranges, "--", here))
        except UsageError:  # git does not know the file, or no such line of it
            return {}

    def _git(self, top: str | None) -> Git | None:
        if top not in self._gits:
            try:
                self._gits[top] = Git(top) if top else None
            except UsageError:
                self._gits[top] = None
        return self._gits[top]


def _times(porcelain: bytes) -> dict[int, int]:
    """The dates in what `git blame --porcelain` prints; a commit is described where it comes first."""
    of_commit: dict[bytes, int] = {}
    found: dict[int, int] = {}
    commit, line = b"", 0
    for row in porcelain.split(b"\n"):
        head = _HEAD.fullmatch(row)
        if head:
            commit, line = row.split(b" ")[0], int(head[1])
        elif row.startswith(b"author-time "):
            of_commit[commit] = int(row.split(b" ")[1])
        elif row.startswith(b"\t") and commit.strip(b"0"):  # all zeros: not committed yet
            found[line] = of_commit.get(commit, 0)
    return found
