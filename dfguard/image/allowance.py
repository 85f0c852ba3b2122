"""What one image may cost to read: no archive of a few megabytes shall fill the memory or take hours.

One Allowance is shared by all layers of a source, as a bomb may be spread over many small ones, or be packed twice.
The limits are far above what real images hold: those of a gigabyte have 50,000 entries and unpack to three times it.
"""

from __future__ import annotations

from typing import Protocol

from dfguard.errors import InputError

MAX_ENTRIES = 1_000_000  # of all layers together
MAX_PATH = 4096  # bytes, as Linux' PATH_MAX
MAX_PATHS = 1 << 28  # characters of all paths and links together, and of folders that no entry lists

# What was unpacked to more than both is a bomb: gzip can't pass 1,032, real layers rarely pass 20.
FREE = 1 << 30
RATIO = 300


class Readable(Protocol):
    """Anything bytes are read from."""

    def read(self, size: int, /) -> bytes: ...


class Allowance:
    """What is left of it. `packed` are the bytes that were read, `unpacked` those that they grew to."""

    def __init__(self) -> None:
        self.packed = 0
        self.unpacked = 0
        self.entries = 0
        self.paths = 0

    def counted(self, raw: Readable) -> Readable:
        """A reader of the source itself, whose bytes count as packed."""
        return _Counted(raw, self)

    def grow(self, size: int, where: str) -> None:
        """So many bytes were unpacked. Raises InputError, which names `where`, when they pass all measure."""
        self.unpacked += size
        if self.unpacked > FREE and self.unpacked > self.packed * RATIO:
            grown = self.unpacked // max(self.packed, 1)
            raise InputError(where, f"grows to {grown:,} times its size when decompressed: not read further")

    def entry(self, characters: int) -> bool:
        """Whether there is room for one more entry whose path and link have so many characters."""
        self.entries += 1
        self.paths += characters
        return self.entries <= MAX_ENTRIES and self.paths <= MAX_PATHS


class _Counted:
    def __init__(self, raw: Readable, allowance: Allowance) -> None:
        self._raw = raw
        self._allowance = allowance

    def read(self, size: int, /) -> bytes:
        data = self._raw.read(size)
        self._allowance.packed += len(data)
        return data
