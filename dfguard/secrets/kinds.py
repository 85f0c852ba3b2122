"""What the first bytes of a file say of how to read it."""

from __future__ import annotations

from dfguard.secrets.gitobjects import PACK, is_loose_object
from dfguard.secrets.streams import BZIP2, GZIP, XZ, ZLIB, ZSTD

ZIP, TAR, GIT_PACK = "zip", "tar", "git pack"
SQLITE = b"SQLite format 3\0"
UTF16_LE, UTF16_BE = "utf-16-le", "utf-16-be"

_TAR_MARK = 257
_PROBE = 512


def compression_of(head: bytes) -> str | None:
    """How one stream is compressed: GZIP, BZIP2, XZ, ZSTD, ZLIB for a git object, None for not at all."""
    first = head[:2]
    if first == b"\x1f\x8b":
        return GZIP
    if first == b"BZ" and head[2:3] == b"h" and head[4:10] == b"1AY&SY":
        return BZIP2
    if first == b"\xfd7" and head[:6] == b"\xfd7zXZ\0":
        return XZ
    if first == b"(\xb5" and head[:4] == b"(\xb5/\xfd":
        return ZSTD
    return ZLIB if first[:1] == b"\x78" and is_loose_object(head) else None


def archive_of(head: bytes) -> str | None:
    """What kind of archive it is: ZIP, TAR, GIT_PACK, or None."""
    if head[:4] == b"PK\x03\x04":
        return ZIP
    if head[:4] == PACK and head[4:8] in (b"\0\0\0\x02", b"\0\0\0\x03"):
        return GIT_PACK
    return TAR if head[_TAR_MARK : _TAR_MARK + 5] == b"ustar" else None


def wide_encoding_of(head: bytes) -> str | None:
    """UTF16_LE or UTF16_BE by the mark at the start, or by a NUL in every second byte."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return UTF16_LE if head[0] == 0xFF else UTF16_BE
    if b"\0" not in head[:2]:
        return None
    probe = head[:_PROBE]
    if len(probe) < 8:
        return None
    low, high = probe[0::2], probe[1::2]
    if high.count(0) * 10 > len(high) * 9 and low.count(0) * 10 < len(low):
        return UTF16_LE
    return UTF16_BE if low.count(0) * 10 > len(low) * 9 and high.count(0) * 10 < len(high) else None
