"""What a build context is made of: its entries, what is wrong with it, and what a COPY source takes."""

from __future__ import annotations

import os
import stat

from dfguard.context.ignore import IgnorePattern
from dfguard.source import Span
from dfguard.struct import Struct

UNKNOWN = -1  # a size or mode that nobody has asked for yet


class ContextFile:
    """One entry of a build context; as immutable as a Struct, but sizes and modes are looked up when asked for.

    `path` is relative to the root, with slashes; `kind` is `file`, `dir`, `symlink` or `other` (FIFO,
    socket, device). `pattern` is the deciding line, None when no line speaks about it: a kept folder
    whose line drops it is there because something below is kept. `pruned`: a dropped folder that was
    not entered. `hollow`: the builder lists the file and does not open it, so it arrives empty (see
    `walk.Walk.opens`). `root` is where to look, None for an entry that is on no disk.
    """

    __slots__ = ("_mode", "_size", "hollow", "kept", "kind", "link_target", "path", "pattern", "pruned", "root")

    def __init__(
        self,
        path: str,
        size: int,
        mode: int,
        kind: str,
        link_target: str | None,
        kept: bool,
        pattern: IgnorePattern | None,
        pruned: bool = False,
        root: str | None = None,
    ) -> None:
        self.path = path
        self._size = size
        self._mode = mode
        self.kind = kind
        self.link_target = link_target
        self.kept = kept
        self.pattern = pattern
        self.pruned = pruned
        self.root = root
        self.hollow = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def size(self) -> int:
        """The bytes that the builder gets, 0 for folders and for what is gone."""
        return 0 if self.hollow else self.size_on_disk

    @property
    def size_on_disk(self) -> int:
        """The bytes of the file as it lies there."""
        if self._size == UNKNOWN:
            self._look()
        return self._size

    @property
    def mode(self) -> int:
        """The permission bits, 0 for what is gone."""
        if self._mode == UNKNOWN:
            self._look()
        return self._mode

    def _look(self) -> None:
        try:
            found = os.lstat(os.path.join(self.root or "", self.path))
        except OSError:
            self._size = self._mode = 0
            return
        self._mode = stat.S_IMODE(found.st_mode)
        self._size = 0 if self.kind == "dir" else found.st_size

    def __repr__(self) -> str:
        return f"ContextFile({self.path!r}, {self.kind}, {'kept' if self.kept else 'dropped'})"


class ContextError(Struct):
    """What is wrong with a build context: `path` relative to the root ("" for the root itself).

    `span` is the guilty line of the ignore file. `fatal`: no build with this context can succeed.
    """

    path: str
    message: str
    span: Span | None = None
    fatal: bool = True


class Selected(Struct):
    """One thing that a COPY source takes: `path` as matched, `entry` with links followed.

    `entry` is None for the whole context; `below` is what is copied: the contents of a folder, or
    the file itself.
    """

    path: str
    entry: ContextFile | None
    below: tuple[ContextFile, ...]
