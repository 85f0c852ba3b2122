"""The bytes of a layer on their way: hashed and counted as they come, checked member by member."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from dfguard.image.compression import Reader
from dfguard.image.tarwalk import TarWalk

try:
    from isal.isal_zlib import crc32 as crc32
except ImportError:
    from zlib import crc32 as crc32

PIECE = 1 << 20  # bytes of a file that are read at once
HEAD = 4096


class Hashed:
    """A reader that hashes and counts what it gives."""

    def __init__(self, raw: Reader) -> None:
        self._raw = raw
        self._hash = hashlib.sha256()
        self.count = 0

    def read(self, size: int, /) -> bytes:
        data = self._raw.read(size)
        self._hash.update(data)
        self.count += len(data)
        return data

    @property
    def digest(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"


class Body:
    """The data of a member on its way: checked, with its first bytes kept.

    So many of them as `most`, or as `asks` says by the path and the first 4 KB, if that is more.
    """

    def __init__(self, walk: TarWalk, most: int, path: str, asks: Callable[[str, bytes], int] | None) -> None:
        self._walk = walk
        self._path = path
        self._asks = asks
        self.most = most
        self.asked = 0
        self.check = 0
        self.head = bytearray()

    def pieces(self) -> Iterator[bytes]:
        """What was not read yet; a reader that stops early leaves the rest to the next."""
        while piece := self._walk.read(PIECE):
            self.check = crc32(piece, self.check)
            if self._asks is not None and not self.head:
                self.asked = self._asks(self._path, piece[:HEAD])
                self.most = max(self.most, self.asked)
            if len(self.head) < self.most:
                self.head += piece[: self.most - len(self.head)]
            yield piece
