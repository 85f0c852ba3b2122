"""The build context: which files of a folder the builder gets to see, and by which line.

The walk is BuildKit's (`walk`). Links are recorded, never followed; nothing is opened.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from io import BytesIO
from operator import attrgetter
from typing import Any, BinaryIO, TypeVar

from dfguard.context import glob
from dfguard.context.contents import limited, open_regular, read_regular
from dfguard.context.entry import ContextError, ContextFile, Selected
from dfguard.context.ignore import NOTHING_IGNORED, IgnoreFile, clean
from dfguard.context.inside import Opener, find_inside, follow
from dfguard.context.pattern import MalformedPattern
from dfguard.context.progress import SILENT, Progress
from dfguard.context.reading import Reading
from dfguard.context.walk import TOP, Walk
from dfguard.errors import InputError

__all__ = ["BuildContext", "ContextError", "ContextFile", "Selected", "read_context"]

MAX_FILES = 1_000_000
MAX_READ = 64 * 1024 * 1024  # bytes
PIECE = 1024 * 1024

_BY_PATH = attrgetter("path")
T = TypeVar("T")


class BuildContext:
    """A folder as the builder sees it through an ignore file.

    `files` are the kept entries of any kind and `dropped` the others, both sorted by path; a folder
    that is not entered is one entry of `dropped`. When the builder refuses the ignore file, both are
    empty and `errors` says so. `unwritten` are contents that stand for those on disk, by path.
    """

    def __init__(
        self,
        root: str,
        ignore: IgnoreFile,
        files: tuple[ContextFile, ...] = (),
        dropped: tuple[ContextFile, ...] = (),
        errors: tuple[ContextError, ...] = (),
        progress: Progress = SILENT,
        unwritten: Mapping[str, bytes] | None = None,
    ) -> None:
        self.root = root
        self.progress = progress
        self.unwritten = unwritten or {}
        self.ignore = ignore
        self.files = files
        self.dropped = dropped
        self.errors = errors
        self._derived: dict[Callable[[BuildContext], Any], Any] = {}
        self._sizes: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"BuildContext({self.root!r}, {len(self.files)} kept, {len(self.dropped)} dropped)"

    @property
    def complete(self) -> bool:
        """Whether all of the folder was looked at, so that what is not found is not there."""
        return not self.errors

    @cached_property
    def has_links(self) -> bool:
        """Whether any entry that is kept is a symbolic link."""
        return any(file.kind == "symlink" for file in self.files)

    @cached_property
    def has_hollow(self) -> bool:
        """Whether the builder leaves any file that is kept unopened, so that it arrives empty."""
        return any(file.hollow for file in self.files)

    @cached_property
    def _entries(self) -> dict[str, ContextFile]:
        return {entry.path: entry for entry in (*self.dropped, *self.files)}

    @cached_property
    def _paths(self) -> list[str]:
        return [entry.path for entry in self.files]

    def derived(self, make: Callable[[BuildContext], T]) -> T:
        """What a function makes of the context alone: made once, whatever number of Dockerfiles asks."""
        if make not in self._derived:
            self._derived[make] = make(self)
        found: T = self._derived[make]
        return found

    def size_below(self, folder: str) -> int:
        """The bytes of all kept files in a folder and in its folders; "" is the root."""
        if folder not in self._sizes:
            self._sizes[folder] = sum(entry.size for entry in self.below(folder) if entry.kind == "file")
        return self._sizes[folder]

    @cached_property
    def kept_size(self) -> int:
        """The bytes of all kept files."""
        return sum(entry.size for entry in self.files if entry.kind == "file")

    def get(self, path: str) -> ContextFile | None:
        """The entry, kept or dropped, at a path relative to the root; below a pruned folder, that folder."""
        path = _from_root(path)
        entry = self._entries.get(path)
        while entry is None and "/" in path:
            path = path.rpartition("/")[0]
            entry = self._entries.get(path)
            if entry is not None and not entry.pruned:
                return None
        return entry

    def has_on_disk(self, path: str) -> bool:
        """Whether something is at a path, dropped or not."""
        return os.path.lexists(os.path.join(self.root, path))

    def drops(self, path: str) -> bool:
        """Whether the ignore file drops what is, or would be, at a path."""
        verdict = TOP
        try:
            for _, verdict in Walk(self.ignore).along(path):  # noqa: B007 the last one is wanted
                pass
        except MalformedPattern:
            return True
        return verdict[0]

    def below(self, path: str) -> tuple[ContextFile, ...]:
        """The kept entries in a folder and in its folders; "" is the root."""
        if not path:
            return self.files
        first, last = bisect_left(self._paths, path + "/"), bisect_left(self._paths, path + "0")
        return self.files[first:last]

    def sources(self, pattern: str) -> tuple[Selected, ...]:
        """What a source of COPY or ADD takes, one by one, in order of path.

        `pattern` is the source without quotes and variables: `.`, a path, or a pattern for Go's
        filepath.Match; `..` beyond the root stays there. Links on the way and at the end are
        followed inside the context, links below a folder are not.
        """
        selected = []
        for path in self._matching(_from_root(pattern)):
            target = follow(path, self._link_target)
            if target == "":
                selected.append(Selected(path, None, self.files))
                continue
            entry = self._entries.get(target) if target is not None else None
            if entry is not None and entry.kept:
                selected.append(Selected(path, entry, self.below(entry.path) if entry.kind == "dir" else (entry,)))
        return tuple(selected)

    def select(self, pattern: str) -> tuple[ContextFile, ...]:
        """All entries that a source of COPY or ADD takes (see `sources`), each once, in order of path."""
        taken = {entry.path: entry for selected in self.sources(pattern) for entry in selected.below}
        return tuple(taken[path] for path in sorted(taken))

    def read(self, path: str, limit: int = MAX_READ) -> bytes:
        """The content of a regular file as the builder gets it, links followed inside the root only.

        Raises InputError for what is no regular file, lies outside, or is larger than `limit` bytes.
        """
        return self._read(path, limit, whole=True)

    def head(self, path: str, count: int) -> bytes:
        """The first `count` bytes of a regular file; raises InputError as `read` does, but not for its size."""
        return self._read(path, count, whole=False)

    def _read(self, path: str, limit: int, *, whole: bool) -> bytes:
        inside = find_inside(self.root, path)
        if inside is None:
            raise InputError(path, "is not in the build context")
        if inside in self._hollow:
            return b""
        if inside in self.unwritten:
            return limited(self.unwritten[inside], path, limit, whole=whole)
        return self._told(read_regular(os.path.join(self.root, inside), path, limit, whole=whole))

    def pieces(self, path: str, size: int = PIECE) -> Iterator[bytes]:
        """A regular file from its start on, in pieces of at most `size` bytes; raises InputError as `head` does."""
        if path in self._hollow:
            return
        if path in self.unwritten:
            data = self.unwritten[path]
            yield from (data[at : at + size] for at in range(0, len(data), size))
            return
        descriptor = self._opener.open(path)
        try:
            data = os.read(descriptor, size)
            while data:
                yield self._told(data)
                data = os.read(descriptor, size) if len(data) == size else b""
        except OSError as error:
            raise InputError(path, f"can't be read: {error.strerror}") from error
        finally:
            os.close(descriptor)

    def whole(self, path: str, most: int) -> bytes | None:
        """All of a regular file; None for one of more than `most` bytes, raises InputError as `head` does."""
        if path in self._hollow:
            return b""
        data = self._opener.whole(path, most)
        if data is not None:
            self.progress.read(len(data))
        return data

    @cached_property
    def _opener(self) -> Opener:
        return Opener(self.root)

    def _told(self, data: bytes) -> bytes:
        self.progress.read(len(data))
        return data

    @cached_property
    def _hollow(self) -> frozenset[str]:
        return frozenset(file.path for file in self.files if file.hollow)

    def open(self, path: str) -> BinaryIO:
        """A regular file to read piece by piece, links followed inside the root only.

        Raises InputError as `read` does.
        """
        inside = find_inside(self.root, path)
        if inside is None:
            raise InputError(path, "is not in the build context")
        if inside in self.unwritten:
            return BytesIO(self.unwritten[inside])
        try:
            return open_regular(os.path.join(self.root, inside), path)
        except OSError as error:
            raise InputError(path, f"can't be read: {error.strerror}") from error

    def _link_target(self, path: str) -> str | None:
        entry = self._entries.get(path)
        return entry.link_target if entry is not None and entry.kept else None

    def _matching(self, pattern: str) -> list[str]:
        parts = pattern.split("/") if pattern else []
        plain = next((at for at, part in enumerate(parts) if glob.has_wildcard(part)), len(parts))
        if plain == len(parts):
            return [pattern]
        base = follow("/".join(parts[:plain]), self._link_target)
        if base is None:
            return []
        return self._matching_below(base, "/".join(parts[plain:]))

    def _matching_below(self, base: str, pattern: str) -> list[str]:
        """The kept paths in a folder that match; nothing below one that does."""
        compiled, slashes, cut = glob.read(pattern), pattern.count("/"), len(base) + 1 if base else 0
        any_depth = "[" in pattern  # a class may match a slash
        out: list[str] = []
        for entry in self.below(base):
            relative = entry.path[cut:]
            if (any_depth or relative.count("/") == slashes) and compiled.matches(relative):
                out.append(entry.path)
        matched = {path for path in out if self._entries[path].kind == "dir"}
        return [path for path in out if not any_depth or not _parents(path) & matched]


def _parents(path: str) -> set[str]:
    return {path[:at] for at, char in enumerate(path) if char == "/"}


def _from_root(path: str) -> str:
    return clean("/" + path)[1:]


def read_context(
    root: str,
    ignore: IgnoreFile | None = None,
    *,
    max_files: int = MAX_FILES,
    progress: Progress = SILENT,
    unwritten: Mapping[str, bytes] | None = None,
) -> BuildContext:
    """Walk the folder `root` as BuildKit does and sort its entries into kept and dropped.

    Raises InputError when `root` is no folder, or is the root of the file system. More than `max_files`
    entries end the walk with an error that says so; unreadable folders are errors too where the build
    would stop at them. `unwritten` are contents that stand for those on disk, by path.
    """
    ignore = ignore or NOTHING_IGNORED
    if not os.path.isdir(root):
        raise InputError(root, "is not a folder; expected the build context")
    if os.path.realpath(root) == os.path.abspath(os.sep):
        raise InputError(root, "is the root of the file system, which is not walked; expected a smaller build context")
    if ignore.error is not None:
        message = f"{ignore.error.message}; the builder refuses the ignore file"
        return BuildContext(root, ignore, errors=(ContextError("", message, ignore.error.span),))
    reading = Reading(root, ignore, max_files + 1, progress)
    try:
        reading.run()
    except MalformedPattern as error:
        span = next(pattern.span for pattern in ignore.patterns if pattern.text == error.pattern)
        return BuildContext(root, ignore, errors=(ContextError("", str(error), span),))
    if reading.left <= 0:
        message = f"holds more than {max_files:,} files; the rest was not looked at"
        reading.errors.append(ContextError("", message, fatal=False))
    files = sorted(reading.kept, key=_BY_PATH)
    dropped = sorted(reading.dropped, key=_BY_PATH)
    errors = sorted(reading.errors, key=lambda error: error.path)
    return BuildContext(root, ignore, tuple(files), tuple(dropped), tuple(errors), progress, unwritten)
