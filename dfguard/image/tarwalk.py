"""A tar archive, walked once from front to end: ustar, PAX and GNU headers.

The standard library's tarfile takes 50 us a member and keeps them all; a layer has tens of thousands.
Formats: POSIX.1-2017 pax(1), and the GNU manual's "Basic Tar Format". Where they leave it open, this
reads as Go's archive/tar does, which is what container engines unpack layers with.
"""

from __future__ import annotations

from collections.abc import Iterator
from zlib import adler32

from dfguard.errors import InputError
from dfguard.image.compression import CHUNK, Reader

BLOCK = 512
MAX_EXTENSION = 1 << 20  # bytes of a long name or of PAX records, as in archive/tar
MAX_SIZE = (1 << 63) - 1  # of a file, as everywhere

_ZEROS, _NO_LINK, _NO_PREFIX = bytes(BLOCK), bytes(100), bytes(BLOCK - 345)
_RECORDS = frozenset(
    b"path linkpath size uid gid mtime SCHILY.xattr.security.capability "
    b"GNU.sparse.name GNU.sparse.realsize GNU.sparse.size GNU.sparse.major".split()
)
_KINDS = {
    b"0": "file", b"\0": "file", b"7": "file", b"S": "file", b"1": "hardlink", b"2": "symlink",
    b"3": "device", b"4": "device", b"5": "dir", b"6": "fifo",
}  # fmt: skip


class Member:
    """One entry of an archive.

    `name` and `link` are as written, bytes that are not UTF-8 as surrogate escapes. `kind` is `file`, `dir`,
    `symlink`, `hardlink`, `device` or `fifo`. `mode` holds the twelve permission bits. `size` is that of the
    file; `stored` are the bytes in the archive, fewer for a sparse file. `capabilities`: the file has some.
    """

    __slots__ = ("capabilities", "gid", "kind", "link", "mode", "mtime", "name", "size", "stored", "uid")

    def __init__(self, name: str, kind: str, size: int, mode: int, uid: int, gid: int, mtime: int, link: str) -> None:
        self.name = name
        self.kind = kind
        self.size = self.stored = size
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.mtime = mtime
        self.link = link
        self.capabilities = False


class TarWalk:
    """The members of an archive in order; the data of each is read before going on, or passed over.

    Iterating raises InputError, which names `where` and the offset, for what is no archive, is cut short
    or has a damaged header. Memory is bounded by the window and by MAX_EXTENSION.
    """

    def __init__(self, stream: Reader, where: str) -> None:
        self._stream = stream
        self._where = where
        self._buffer = b""
        self._at = 0
        self._passed = 0  # bytes of the archive before the buffer
        self._left = 0  # bytes of the member under way that nobody has read, padding included
        self._data = 0  # of these, its own
        self._global: dict[str, bytes] = {}
        self._rights = (b"", 0, 0, 0)  # the fields of mode, user and group, and what they say

    @property
    def offset(self) -> int:
        """The bytes of the archive that were passed."""
        return self._passed + self._at

    def __iter__(self) -> Iterator[Member]:
        records: dict[str, bytes] = {}
        while (header := self._next_header()) is not None:
            flag = header[156:157]
            if flag in b"xgLK" and flag != b"\0":
                self._extend(flag, header, records)
                continue
            member = self._member(flag, header, self._global | records if self._global else records)
            records = {}
            yield member
        if records:
            raise self._error("a long name or PAX header is followed by no member")

    # -- the data of the member under way

    def read(self, size: int) -> bytes:
        """Up to `size` bytes of the member's data, empty at its end."""
        size = min(size, self._data)
        if not size:
            return b""
        out = self._take(size)
        self._data -= len(out)
        self._left -= len(out)
        return out

    def drain(self) -> None:
        """Read on to the end of the stream: what stands behind the archive is part of the digests."""
        self._buffer, self._at = b"", 0
        while data := self._stream.read(CHUNK):
            self._passed += len(data)

    # -- headers

    def _next_header(self) -> bytes | None:
        """The next header block, None at the end of the archive."""
        end = self._at + self._left + BLOCK
        if end <= len(self._buffer):  # as nearly always
            header = self._buffer[end - BLOCK : end]
            self._at = end
        else:
            self._skip(self._left)
            header = self._take(BLOCK, at_end=True)
        self._left = self._data = 0
        if header == _ZEROS or not header:
            return None
        if not _checks(header):
            found = (
                "is no tar archive" if self.offset == BLOCK else f"has a damaged header at byte {self.offset - BLOCK:,}"
            )
            raise InputError(self._where, found)
        return header

    def _extend(self, flag: bytes, header: bytes, records: dict[str, bytes]) -> None:
        """Read a header that speaks of the next member (`x`, `L`, `K`) or of all further ones (`g`)."""
        size = self._number(header[124:136])
        if size < 0:
            raise self._error("a negative size")
        if size > MAX_EXTENSION:
            raise self._error(f"an extended header of {size:,} bytes; expected at most {MAX_EXTENSION:,}")
        data = self._take(size)
        self._left = -size % BLOCK
        if flag in b"LK":
            records["path" if flag == b"L" else "linkpath"] = data.rstrip(b"\0")
        elif flag == b"x":
            records.update(self._records(data))
        else:
            self._global.update(self._records(data))

    def _records(self, data: bytes) -> Iterator[tuple[str, bytes]]:
        """The records `LENGTH KEY=VALUE` of a PAX header."""
        at = 0
        while at < len(data) and data[at] != 0:
            blank = data.find(b" ", at, at + 8)
            length = data[at:blank]
            end = at + int(length) if blank > 0 and length.isdigit() else 0
            if not at < blank < end <= len(data) or data[end - 1] != 0x0A:
                raise self._error("a damaged PAX header")
            key, equals, value = data[blank + 1 : end - 1].partition(b"=")
            if not equals:
                raise self._error("a damaged PAX header")
            if key in _RECORDS:  # no others are kept: a member may have as many headers as it likes
                yield key.decode("ascii"), value
            at = end

    def _member(self, flag: bytes, header: bytes, records: dict[str, bytes]) -> Member:
        name, link = _text(header[:100]), _text(header[157:257]) if header[157] else ""
        if header[257:263] == b"ustar\0" and header[345] and header[345:500].find(b"\0") != 0:
            name = f"{_text(header[345:500])}/{name}"
        size = self._number(header[124:136])
        fields, mode, uid, gid = self._rights
        if fields != header[100:124]:  # most members have those of the one before
            mode, uid, gid = (self._number(header[at : at + 8]) for at in (100, 108, 116))
            mode &= 0o7777
            self._rights = header[100:124], mode, uid, gid
        member = Member(name, _KINDS.get(flag, "file"), size, mode, uid, gid, self._number(header[136:148]), link)
        if records:
            self._amend(member, records)
        if flag == b"\0" and member.name.endswith("/"):
            member.kind = "dir"  # as before ustar; a name that is cut for ustar may end so, too
        if member.kind != "file":
            member.size = member.stored = 0
        if flag == b"S":
            member.size = self._number(header[483:495])
        for size in (member.stored, member.size):
            if not 0 <= size <= MAX_SIZE:
                raise self._error(f"a size of {size:,} bytes")
        self._data = member.stored
        self._left = member.stored + -member.stored % BLOCK
        if flag == b"S":
            self._old_sparse(header)
        elif "GNU.sparse.major" in records:
            self._sparse_map(member)
        return member

    def _amend(self, member: Member, records: dict[str, bytes]) -> None:
        for key, value in records.items():
            if key == "path":
                member.name = _text(value)
            elif key == "linkpath":
                member.link = _text(value)
            elif key in ("size", "uid", "gid"):
                setattr(member, key, self._decimal(value))
                if key == "size":
                    member.stored = member.size
            elif key == "mtime":
                member.mtime = self._decimal(value.partition(b".")[0])
            elif key == "SCHILY.xattr.security.capability":
                member.capabilities = True
        if "GNU.sparse.name" in records:
            member.name = _text(records["GNU.sparse.name"])
        real = records.get("GNU.sparse.realsize", records.get("GNU.sparse.size"))
        if real is not None:
            member.size = self._decimal(real)

    # -- sparse files: their data is read as stored, without the holes

    def _old_sparse(self, header: bytes) -> None:
        """The map of type S: four pieces in the header, more in blocks behind it."""
        more = header[482]
        while more:
            block = self._take(BLOCK)
            more = block[504]

    def _sparse_map(self, member: Member) -> None:
        """The map of PAX sparse 1.0 stands at the start of the data, in whole blocks."""
        block = self.read(BLOCK)
        lines = block.split(b"\n")
        wanted = 1 + 2 * self._decimal(lines[0])
        seen = len(lines) - 1
        while seen < wanted and (block := self.read(BLOCK)):
            seen += block.count(b"\n")
        member.stored = self._data

    # -- bytes

    def _take(self, size: int, *, at_end: bool = False) -> bytes:
        """Exactly `size` bytes; `at_end`: none at all will do."""
        end = self._at + size
        if end <= len(self._buffer):
            out = self._buffer[self._at : end]
            self._at = end
            return out
        parts = [self._buffer[self._at :]]
        have = len(parts[0])
        self._passed += len(self._buffer)
        self._buffer, self._at = b"", 0
        while have < size:
            data = self._stream.read(CHUNK)
            if not data:
                if at_end and not have:
                    return b""
                if at_end and self._passed == have:
                    raise InputError(self._where, "is no tar archive")
                raise self._error("is cut short", verb="")
            parts.append(data)
            have += len(data)
            self._passed += len(data)
        over = have - size
        if over:
            self._buffer = parts[-1]
            self._at = len(self._buffer) - over
            self._passed -= len(self._buffer)
            parts[-1] = self._buffer[: self._at]
        return b"".join(parts)

    def _skip(self, size: int) -> None:
        skip = getattr(self._stream, "skip", None)
        buffered = len(self._buffer) - self._at
        if skip is not None and size > buffered:
            skip(size - buffered)
            self._passed += len(self._buffer) + size - buffered
            self._buffer, self._at = b"", 0
            return
        while size > 0:
            step = min(size, max(len(self._buffer) - self._at, 0)) or min(size, CHUNK)
            if self._at + step <= len(self._buffer):
                self._at += step
            else:
                self._take(step)
            size -= step

    def _number(self, field: bytes) -> int:
        """An octal number, or one in base 256 as GNU writes large ones."""
        if field[-1] in b"\0 " and (digits := field[:-1]).isdigit():  # as nearly all are
            try:
                return int(digits, 8)
            except ValueError:
                raise self._error("a number that is not octal") from None
        if field[0] & 0x80:
            return int.from_bytes(bytes([field[0] << 1 & 0x80 | field[0] & 0x7F]) + field[1:], "big", signed=True)
        text = field.partition(b"\0")[0].strip()
        try:
            return int(text, 8) if text else 0
        except ValueError:
            raise self._error("a number that is not octal") from None

    def _decimal(self, value: bytes) -> int:
        text = value.removeprefix(b"-")
        if not text.isdigit() or len(text) > 18:
            raise self._error("a PAX number that is none")
        return int(value)

    def _error(self, what: str, *, verb: str = "holds ") -> InputError:
        return InputError(self._where, f"{verb}{what} at byte {self.offset:,}")


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _checks(header: bytes) -> bool:
    """Whether the checksum holds, summed over unsigned bytes or, as some old tars did, signed ones."""
    stored = header[148:156].partition(b"\0")[0].strip()
    try:
        expected = int(stored, 8)
    except ValueError:
        return False
    # The low half of Adler-32 is one more than the sum as long as 245 bytes and fewer are not zero.
    sparse = header[157:257] == _NO_LINK and header[345:] == _NO_PREFIX
    total = (adler32(header) & 0xFFFF) - 1 if sparse else sum(header)
    total += 8 * 0x20 - sum(header[148:156])
    if total == expected:
        return True
    rest = header[:148] + header[156:]
    return total - 256 * sum(1 for byte in rest if byte > 127) == expected
