"""Files inside of archives, read as they come: zip (jar, wheel ...), tar. Nothing is written or sought.

Headers are read from the stream, not from the directory at the end of a zip: that needs no seeking,
and what no directory lists is looked at all the same.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from dfguard.secrets.streams import RAW, Allowance, Broken, Pieces, inflate
from dfguard.struct import Struct

ZIP_MEMBER, ZIP_DIRECTORY, ZIP_DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x07\x08"
_LOCAL_HEADER = struct.Struct("<4xHHHHHIIIHH")
_ZIP64 = 0xFFFFFFFF
_BLOCK = 512
_LONGEST_HEADER = 64 * 1024  # of a name or of the records of a PAX header
_REGULAR, _WITHOUT_DATA = b"0\x007S", b"123456"


class Member(Struct):
    """A file of an archive: its name, and its pieces; or why it can't be read."""

    name: str
    pieces: Iterator[bytes]
    problem: str = ""


def zip_members(source: Pieces, allowance: Allowance) -> Iterator[Member]:
    """The files of a zip archive in order. Pieces that are not consumed are passed over.

    Raises Broken where the archive can't be read on.
    """
    while source.peek(4) == ZIP_MEMBER:
        _, flags, method, _, _, _, size, whole, name_length, extra_length = _LOCAL_HEADER.unpack(source.take(30))
        name = source.take(name_length).decode("utf-8" if flags & 0x800 else "latin-1", "replace")
        size = _real_size(size, whole, source.take(extra_length))
        streamed = bool(flags & 8) and size == 0
        if method == 8 and not flags & 1:
            pieces = inflate(source, RAW, allowance) if streamed else _inflated(source, size, allowance)
        elif method == 0 and not flags & 1 and not streamed:
            pieces = _counted(source, size, allowance)
        elif streamed:
            raise Broken(f"holds {name!r} of unknown size; what follows can't be read")
        else:
            yield Member(name, iter(()), "is encrypted" if flags & 1 else f"is compressed by method {method}")
            source.skip(size)
            continue
        if not name.endswith("/"):
            yield Member(name, pieces)
        for _ in pieces:
            pass
        if flags & 8:
            _skip_descriptor(source)


def _real_size(size: int, whole: int, extra: bytes) -> int:
    """The compressed size, from the ZIP64 field where it is too large for the header."""
    at = 0
    while size == _ZIP64 and at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        first = at + 4 + (8 if whole == _ZIP64 else 0)
        if kind == 1 and first + 8 <= len(extra):
            return int(struct.unpack_from("<Q", extra, first)[0])
        at += 4 + length
    return size


def _inflated(source: Pieces, size: int, allowance: Allowance) -> Iterator[bytes]:
    inner = Pieces(source.part(size))
    yield from inflate(inner, RAW, allowance)
    for _ in inner.rest():
        pass


def _counted(source: Pieces, size: int, allowance: Allowance) -> Iterator[bytes]:
    for piece in source.part(size):
        allowance.spend(len(piece))
        yield piece


def _skip_descriptor(source: Pieces) -> None:
    """What follows a member whose size was not known: 12 or 20 bytes, with or without a mark."""
    mark = 4 if source.peek(4) == ZIP_DESCRIPTOR else 0
    ahead = source.peek(mark + 24)
    for length in (mark + 12, mark + 20):
        if ahead[length : length + 2] in (b"PK", b""):
            source.skip(min(length, len(ahead)))
            return
    raise Broken("can't be read on")


def tar_members(source: Pieces) -> Iterator[Member]:
    """The regular files of a tar archive in order, of the old, GNU, ustar and PAX kinds.

    Raises Broken where the archive can't be read on.
    """
    name, size = "", -1
    while True:
        block = source.peek(_BLOCK)
        if len(block) < _BLOCK or not block.strip(b"\0"):
            return
        source.take(_BLOCK)
        kind, length = block[156:157], _number(block[124:136])
        if kind in b"LKxg" and kind:
            text = _header_text(source, length)
            if kind == b"L":
                name = _text(text.rstrip(b"\0"))
            elif kind == b"x":
                records = _records(text)
                name = _text(records.get(b"path", b"")) or name
                size = int(records[b"size"]) if records.get(b"size", b"").isdigit() else size
            continue
        length = 0 if kind and kind in _WITHOUT_DATA else size if size >= 0 else length
        pieces = source.part(length)
        if not kind or kind in _REGULAR:
            yield Member(name or _name(block), pieces)
        for _ in pieces:
            pass
        source.skip(-length % _BLOCK)
        name, size = "", -1


def _number(field: bytes) -> int:
    """A number in octal, or GNU's binary one."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    text = field.strip(b" \0")
    if not text:
        return 0
    try:
        return int(text, 8)
    except ValueError:
        raise Broken("holds a header that is none") from None


def _header_text(source: Pieces, length: int) -> bytes:
    if length > _LONGEST_HEADER:
        raise Broken("holds a header that is too long")
    text = source.take(length)
    source.skip(-length % _BLOCK)
    return text


def _records(text: bytes) -> dict[bytes, bytes]:
    """`27 path=some/name` and so on."""
    found: dict[bytes, bytes] = {}
    at = 0
    while True:
        blank = text.find(b" ", at, at + 12)
        if blank < 0 or not text[at:blank].isdigit():
            return found
        end = at + int(text[at:blank])
        key, _, value = text[blank + 1 : end - 1].partition(b"=")
        found[key] = value
        if end <= blank:
            return found
        at = end


def _name(block: bytes) -> str:
    name = block[:100].split(b"\0")[0]
    prefix = block[345:500].split(b"\0")[0] if block[257:262] == b"ustar" and block[262:264] != b"  " else b""
    return _text(prefix + b"/" + name if prefix else name)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
