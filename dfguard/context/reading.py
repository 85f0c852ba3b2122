"""The walk over a folder on disk, entry by entry; see `tree.read_context`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from errno import EACCES

from dfguard.context.entry import UNKNOWN, ContextError, ContextFile
from dfguard.context.ignore import IgnoreFile, IgnorePattern
from dfguard.context.progress import Progress
from dfguard.context.walk import TOP, TooManyComparisons, Verdict, Walk


class _Folder:
    """A folder under way: its entry (None for the root), verdict, and whether the image gets it."""

    __slots__ = ("doubtful", "dropped", "entry", "hits", "kept", "parent")

    def __init__(
        self, parent: _Folder | None, entry: ContextFile | None, verdict: Verdict, doubtful: bool = False
    ) -> None:
        self.parent = parent
        self.entry = entry
        self.dropped, _, self.hits = verdict
        self.kept = not self.dropped
        self.doubtful = doubtful  # a pattern matches this folder or one above, and did not count

    def keep(self) -> None:
        """Create this folder and those above it, because something in it is kept."""
        folder: _Folder | None = self
        while folder is not None and not folder.kept:
            folder.kept = True
            folder = folder.parent


class Reading:
    """The walk over one folder tree, and what it has found."""

    def __init__(self, root: str, ignore: IgnoreFile, max_files: int, progress: Progress) -> None:
        self.root = root
        self.progress = progress
        self.walk = Walk(ignore)
        self.left = max_files
        self.kept: list[ContextFile] = []
        self.dropped: list[ContextFile] = []
        self.folders: list[_Folder] = []
        self.errors: list[ContextError] = []

    def run(self) -> None:
        pending = [_Folder(None, None, TOP)]
        try:
            while pending and self.left > 0:
                pending += self.enter(pending.pop())
        except TooManyComparisons:
            message = "has too many files for so many lines with wildcards; the rest was not looked at"
            self.errors.append(ContextError("", message, fatal=False))
        for folder in self.folders:
            if folder.entry is not None:
                folder.entry.kept = folder.kept
                (self.kept if folder.kept else self.dropped).append(folder.entry)

    def enter(self, folder: _Folder) -> list[_Folder]:
        """Judge the entries of a folder; the result is the folders to go on with."""
        path = folder.entry.path if folder.entry else ""
        full = os.path.join(self.root, path) if path else self.root
        before = self.left
        try:
            if not os.access(full, os.X_OK):
                raise PermissionError(EACCES, os.strerror(EACCES))
            with os.scandir(full) as entries:
                return self.entries(folder, path + "/" if path else "", entries)
        except OSError as error:
            if not folder.dropped:
                self.errors.append(ContextError(path, f"can't be read: {error.strerror}; the build stops there"))
            return []
        finally:
            self.progress.listed(before - self.left)

    def entries(self, folder: _Folder, prefix: str, entries: Iterator[os.DirEntry[str]]) -> list[_Folder]:
        judged = self.walk.judge_in(prefix[:-1], folder.hits)
        keep, drop, root = self.kept.append, self.dropped.append, self.root
        inner = []
        any_kept = False
        for entry in entries:
            if self.left <= 0:
                break
            self.left -= 1
            here = prefix + entry.name
            verdict = judged(here)
            dropped, decider, _ = verdict
            pattern = self.walk.patterns[decider] if decider >= 0 else None
            if entry.is_file(follow_symlinks=False):
                file = ContextFile(here, UNKNOWN, UNKNOWN, "file", None, not dropped, pattern, False, root)
                if folder.doubtful and not dropped and not self.walk.opens(here):
                    file.hollow = True
            else:
                file = self.other(entry, here, dropped, pattern)
                if file.kind == "dir" and not file.pruned:
                    doubtful = folder.doubtful or self.walk.misses(prefix[:-1], folder.hits, here, verdict)
                    inner.append(_Folder(folder, file, verdict, doubtful))
                    any_kept = any_kept or not dropped
                    continue
            if dropped:
                drop(file)
            else:
                keep(file)
                any_kept = True
        if any_kept:
            folder.keep()
        self.folders += inner
        return inner

    def other(self, entry: os.DirEntry[str], path: str, dropped: bool, pattern: IgnorePattern | None) -> ContextFile:
        """What is no regular file."""
        kind, target, pruned = "other", None, False
        if entry.is_symlink():
            kind, target = "symlink", os.readlink(entry.path)
        elif entry.is_dir(follow_symlinks=False):
            kind, pruned = "dir", dropped and self.walk.prunes_below(path)
        return ContextFile(path, UNKNOWN, UNKNOWN, kind, target, not dropped, pattern, pruned, self.root)
