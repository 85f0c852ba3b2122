"""Git's objects: what a `.git` folder that is copied along tells, files deleted long ago included.

https://git-scm.com/docs/gitformat-loose, https://git-scm.com/docs/gitformat-pack
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.regex import regex
from dfguard.secrets.archives import Member
from dfguard.secrets.streams import ZLIB, Allowance, Broken, Pieces, inflate

PACK = b"PACK"
_LOOSE = regex(rb"(?:blob|tree|commit|tag) [0-9]{1,12}\0")
_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag", 6: "change", 7: "change"}
_LONGEST_NUMBER = 10


def is_loose_object(head: bytes) -> bool:
    """Whether a file's first bytes are those of a single object."""
    if head[:1] != b"\x78" or len(head) < 2 or int.from_bytes(head[:2], "big") % 31:
        return False
    import zlib

    try:
        return _LOOSE.match(zlib.decompressobj().decompress(head[:512], 64)) is not None
    except zlib.error:
        return False


def pack_members(source: Pieces, allowance: Allowance) -> Iterator[Member]:
    """The objects of a pack in order; of one that is stored as a change to another, the change.

    Raises Broken where the pack can't be read on.
    """
    source.take(8)
    for number in range(1, int.from_bytes(source.take(4), "big") + 1):
        kind = _header(source)
        if kind not in _KINDS:
            raise Broken("holds an object of unknown kind")
        pieces = inflate(source, ZLIB, allowance)
        yield Member(f"{_KINDS[kind]} {number}", pieces)
        for _ in pieces:
            pass


def _header(source: Pieces) -> int:
    """Read an object's header; the result is its kind."""
    byte = source.take(1)[0]
    kind = byte >> 4 & 7
    if byte & 0x80:
        _number(source)
    if kind == 6:
        _number(source)
    elif kind == 7:
        source.skip(20)
    return kind


def _number(source: Pieces) -> None:
    for _ in range(_LONGEST_NUMBER):
        if not source.take(1)[0] & 0x80:
            return
    raise Broken("holds a number that is too long")
