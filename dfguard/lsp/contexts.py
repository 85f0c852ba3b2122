"""Build contexts that are kept between checks, and read again when something in them has changed.

Between two keystrokes the folders of a context are asked whether anything came or went; at other times (a file is
opened or saved, a watcher says so, some seconds have passed) also its files whether they were written to.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

from dfguard.buffers import Buffers
from dfguard.builds import ContextCache
from dfguard.context.ignore import IgnoreFile
from dfguard.context.tree import BuildContext
from dfguard.flow.secret_files import SecretReadings
from dfguard.struct import Struct

Key = tuple[str, str | None]
LAG = 50_000_000
"""Nanoseconds that clocks of file systems may lag behind ours: what changed later may not have been seen."""
_NEVER = -1


class Used(Struct):
    """What a check has looked at: it is as good as new while these are."""

    contexts: tuple[tuple[Key, BuildContext], ...] = ()
    readings: SecretReadings | None = None


class _Held(Struct):
    """A context that was read: the change times of its folders and of the ignore file then, and the texts laid over.

    `since` is when that was, in nanoseconds.
    """

    context: BuildContext
    folders: tuple[tuple[str, int], ...]
    ignore: tuple[int, str | None]
    texts: dict[str, bytes]
    since: int

    @property
    def is_as_read(self) -> bool:
        """Whether no file has been written to since; sizes and contents may have been looked at."""
        files = (os.path.join(self.context.root, entry.path) for entry in self.context.files if entry.kind == "file")
        return all(_changed(file) < self.since for file in files)


class LiveContexts(ContextCache):
    """The contexts of one project. Call `begin` before each check, `used` after it."""

    def __init__(self) -> None:
        super().__init__()
        self._held: dict[Key, _Held] = {}
        self._sure: set[Key] = set()
        self._used: dict[Key, BuildContext] = {}
        self._read_secrets = False
        self._readings_since = 0

    def begin(self, buffers: Buffers, *, thorough: bool) -> None:
        """Take `buffers` for what is unsaved, and what was found to be up to date for worth a look again."""
        self.buffers = buffers
        self._sure.clear()
        self._ignore_files.clear()
        if thorough:
            self._held = {key: held for key, held in self._held.items() if held.is_as_read}
        if thorough and self._readings is not None and not self._contents_hold(self._readings):
            self._readings = None

    def start(self) -> None:
        """Note what is asked for from now on."""
        self._used, self._read_secrets = {}, False

    def used(self) -> Used:
        """What was asked for since `start`."""
        return Used(tuple(self._used.items()), self._readings if self._read_secrets else None)

    def holds(self, used: Used) -> bool:
        """Whether all that a check has looked at is still as it was."""
        same = all(self._fresh(key) is context for key, context in used.contexts)
        return same and (used.readings is None or used.readings is self._readings)

    def readings(self) -> SecretReadings:
        """See ContextCache."""
        self._read_secrets = True
        if self._readings is None:
            self._readings_since = time.time_ns() - LAG
        return super().readings()

    def read(self, root: str, ignore_path: str | None) -> BuildContext:
        """See ContextCache."""
        key = (os.path.realpath(root), os.path.normpath(ignore_path) if ignore_path else None)
        context = self._fresh(key)
        if context is None:
            self._contexts.pop(key, None)
            since = time.time_ns() - LAG
            context = super().read(root, ignore_path)
            folders = ((path, at if at < since else _NEVER) for path, at in _folders(context))
            self._held[key] = _Held(context, tuple(folders), self._ignore(key), self.buffers.below(root), since)
        self._sure.add(key)
        self._used[key] = context
        return context

    def ignore_file(self, path: str) -> IgnoreFile:
        """See ContextCache; that of a context that is up to date is the one that it was read with."""
        held = next((held for key, held in self._held.items() if key[1] == os.path.normpath(path)), None)
        if held is not None and held.ignore == self._ignore((held.context.root, path)):
            return held.context.ignore
        return super().ignore_file(path)

    def _fresh(self, key: Key) -> BuildContext | None:
        held = self._held.get(key)
        if held is None:
            return None
        if key not in self._sure:
            texts = held.texts == self.buffers.below(key[0])
            if not texts:
                self._readings = None
            same = texts and held.ignore == self._ignore(key)
            if not same or any(_changed(folder) != at for folder, at in held.folders):
                del self._held[key]
                return None
            self._sure.add(key)
        return held.context

    def _ignore(self, key: Key) -> tuple[int, str | None]:
        if key[1] is None:
            return 0, None
        return _changed(key[1]), self.buffers.get(key[1])

    def _contents_hold(self, readings: SecretReadings) -> bool:
        """Whether no file that was looked into for secrets was written to since."""
        files = (os.path.join(root, path) for root in readings.roots for path in readings.below(root))
        return all(_changed(file) < self._readings_since for file in files)


def _folders(context: BuildContext) -> Iterable[tuple[str, int]]:
    """The folders that were entered, with the times of their last change."""
    yield context.root, _changed(context.root)
    for entry in (*context.files, *context.dropped):
        if entry.kind == "dir" and not entry.pruned:
            path = os.path.join(context.root, entry.path)
            yield path, _changed(path)


def _changed(path: str) -> int:
    """When a file or folder was last changed, in nanoseconds; 0 for what is not there."""
    try:
        return os.stat(path).st_ctime_ns
    except OSError:
        return 0
