"""Decompression of layers and archives, chosen by their first bytes and bounded in memory.

Media types and file names are not trusted: archives in the wild carry wrong ones. gzip goes through
ISA-L where the package `isal` is installed (three times zlib's speed), zstd needs `zstandard`, or
Python 3.14, whose standard library has it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any, Protocol, cast

from dfguard.errors import InputError
from dfguard.image.allowance import Allowance

if TYPE_CHECKING:
    from typing_extensions import Self

CHUNK = 1 << 18  # bytes of decompressed data that are asked for at once
MAX_WINDOW = 1 << 27  # bytes of history that a zstd or xz stream may ask for, as in containerd
_FIRST = 1 << 10  # bytes of a further member that its decoder gets at first: the next may be as near


class Reader(Protocol):
    """Anything bytes are read from: `read(n)` gives up to `n` bytes, none at the end."""

    def read(self, size: int, /) -> bytes: ...


class Peeked:
    """A reader whose first bytes were looked at and are given again."""

    def __init__(self, raw: Reader, head: bytes) -> None:
        self._raw = raw
        self._head = head

    @classmethod
    def of(cls, raw: Reader, size: int = 512) -> tuple[bytes, Self]:
        """The first `size` bytes of a reader (fewer only at its end), and a reader that has them still."""
        head = b""
        while len(head) < size and (more := raw.read(size - len(head))):
            head += more
        return head, cls(raw, head)

    def read(self, size: int, /) -> bytes:
        if not self._head:
            return self._raw.read(size)
        out, self._head = self._head[:size], self._head[size:]
        return out


def kind_of(head: bytes) -> str:
    """`gzip`, `zstd`, `bzip2`, `xz` or `none`, by the first bytes (6 are enough)."""
    if head[:3] == b"\x1f\x8b\x08":
        return "gzip"
    if head[:4] == b"\x28\xb5\x2f\xfd" or (head[1:4] == b"\x2a\x4d\x18" and head[:1] in _SKIPPABLE):
        return "zstd"
    if head[:3] == b"BZh" and head[3:4] in b"123456789":
        return "bzip2"
    return "xz" if head[:6] == b"\xfd7zXZ\0" else "none"


_SKIPPABLE = tuple(bytes([byte]) for byte in range(0x50, 0x60))  # a zstd frame without data, as eStargz writes


def decompressed(raw: Reader, where: str, allowance: Allowance | None = None) -> tuple[str, Reader]:
    """The kind of compression and a reader of what is inside.

    Reading raises InputError, which names `where`, for data that is damaged, cut short or grows beyond
    all measure, and at once for a compression that needs a package which is not installed. An `allowance` that is
    given has counted the bytes of `raw`, or of what they were unpacked from, itself.
    """
    if allowance is None:
        allowance = Allowance()
        raw = allowance.counted(raw)
    head, peeked = Peeked.of(raw)
    kind = kind_of(head)
    if kind == "none":
        return kind, peeked
    if kind == "gzip":
        inner: Reader = _Members(peeked, where, kind, *_gzip())
    elif kind == "bzip2":
        import bz2

        inner = _Members(peeked, where, kind, bz2.BZ2Decompressor, (OSError, ValueError))
    elif kind == "xz":
        import lzma

        inner = _Members(peeked, where, kind, lambda: lzma.LZMADecompressor(memlimit=4 * MAX_WINDOW), (lzma.LZMAError,))
    else:
        inner = _zstd(peeked, where)
    return kind, _Bounded(inner, allowance, where)


class _Bounded:
    """What was decompressed, as long as it stays in proportion to what it came from."""

    def __init__(self, inner: Reader, allowance: Allowance, where: str) -> None:
        self._inner = inner
        self._allowance = allowance
        self._where = where

    def read(self, size: int, /) -> bytes:
        data = self._inner.read(size)
        self._allowance.grow(len(data), self._where)
        return data


Decoder = Any  # zlib, bz2, lzma and zstd agree on decompress(data, most), eof, unused_data; typeshed on less


class _Members:
    """The inside of a stream of one or more compressed members; what stands behind them is padding."""

    def __init__(
        self, raw: Reader, where: str, kind: str, make: Callable[[], Decoder], errors: tuple[type[Exception], ...]
    ) -> None:
        self._raw = raw
        self._where = where
        self._kind = kind
        self._make = make
        self._errors = errors
        self._decoder = make()
        self._tail = b""  # given to the decoder, which had no room for what it makes of it
        self._ahead = b""  # read from `raw`; from `_at` on not yet given to the decoder
        self._at = 0
        self._step = CHUNK

    def read(self, size: int, /) -> bytes:
        while not self._decoder.eof or self._next_member():
            data = self._tail
            if not data and getattr(self._decoder, "needs_input", True):
                data = self._more()
            out = self._decompress(data, size)
            self._tail = getattr(self._decoder, "unconsumed_tail", b"")
            if out:
                return out
            if not data and not self._decoder.eof:
                raise InputError(self._where, f"is cut short: the {self._kind} data ends early")
        return b""

    def _decompress(self, data: bytes, size: int) -> bytes:
        try:
            out: bytes = self._decoder.decompress(data, size)
        except self._errors as error:
            reason = " ".join(str(error).split())[:120]
            raise InputError(self._where, f"holds damaged {self._kind} data: {reason}") from error
        return out

    def _more(self) -> bytes:
        """The next bytes for the decoder: first a few, as what it does not use is copied for each member."""
        if self._at == len(self._ahead):
            self._ahead, self._at = self._raw.read(CHUNK), 0
        data = self._ahead[self._at : self._at + self._step]
        self._at += len(data)
        self._step *= 2
        return data

    def _next_member(self) -> bool:
        self._at -= len(self._decoder.unused_data)
        while len(self._ahead) - self._at < 6 and (more := self._raw.read(CHUNK)):
            self._ahead, self._at = self._ahead[self._at :] + more, 0
        if kind_of(self._ahead[self._at : self._at + 6]) != self._kind:
            return False
        self._decoder = self._make()
        self._tail = b""
        self._step = _FIRST
        return True


def _gzip() -> tuple[Callable[[], Decoder], tuple[type[Exception], ...]]:
    import zlib

    try:
        from isal import isal_zlib
    except ImportError:
        return (lambda: zlib.decompressobj(31)), (zlib.error,)
    return (lambda: isal_zlib.decompressobj(31)), (zlib.error, cast("type[Exception]", isal_zlib.error))


def _zstd(raw: Reader, where: str) -> Reader:
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]  # Python 3.14
    except ImportError:
        return _Zstandard(raw, where)
    options = {zstd.DecompressionParameter.window_log_max: MAX_WINDOW.bit_length() - 1}
    return _Members(raw, where, "zstd", lambda: zstd.ZstdDecompressor(options=options), (zstd.ZstdError,))


class _Zstandard:
    """The inside of a zstd stream by the package `zstandard`, which takes an early end for the end."""

    def __init__(self, raw: Reader, where: str) -> None:
        try:
            import zstandard
        except ImportError as error:
            what = "is compressed with zstd; expected the package zstandard: pip install 'dockerfile-guard[image]'"
            raise InputError(where, what) from error
        self._where = where
        self._error = zstandard.ZstdError
        self._frames = _ZstdFrames(raw)
        context = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
        self._stream = context.stream_reader(cast("IO[bytes]", self._frames), read_size=CHUNK, read_across_frames=True)

    def read(self, size: int, /) -> bytes:
        try:
            data = self._stream.read(size)
        except self._error as error:
            reason = " ".join(str(error).split())[:120]
            raise InputError(self._where, f"holds damaged zstd data: {reason}") from error
        if not data and not self._frames.whole:
            raise InputError(self._where, "is cut short: the zstd data ends early")
        return data


class _ZstdFrames:
    """A reader that follows the frames and blocks of the zstd data it gives (RFC 8878, section 3.1)."""

    def __init__(self, raw: Reader) -> None:
        self._raw = raw
        self._skip = 0  # bytes up to the next header
        self._head = b""
        self._next: Callable[[bytes], None] = self._magic
        self._needs = 4
        self._checksum = 0

    @property
    def whole(self) -> bool:
        """Whether the last frame has ended."""
        return not self._skip and not self._head and self._next == self._magic

    def read(self, size: int, /) -> bytes:
        data = self._raw.read(size)
        at = 0
        while at < len(data):
            step = min(self._skip, len(data) - at)
            self._skip -= step
            at += step
            if not self._skip:
                piece = data[at : at + self._needs - len(self._head)]
                self._head += piece
                at += len(piece)
                if len(self._head) == self._needs:
                    head, self._head = self._head, b""
                    self._next(head)
        return data

    def _then(self, following: Callable[[bytes], None], needs: int, skip: int = 0) -> None:
        self._next, self._needs, self._skip = following, needs, skip

    def _magic(self, head: bytes) -> None:
        if head[1:] == b"\x2a\x4d\x18":
            self._then(self._skippable, 4)
        else:
            self._then(self._descriptor, 1)

    def _skippable(self, head: bytes) -> None:
        self._then(self._magic, 4, int.from_bytes(head, "little"))

    def _descriptor(self, head: bytes) -> None:
        flags = head[0]
        single = flags >> 5 & 1
        content = (single, 2, 4, 8)[flags >> 6]
        self._checksum = 4 * (flags >> 2 & 1)
        self._then(self._block, 3, (not single) + (0, 1, 2, 4)[flags & 3] + content)

    def _block(self, head: bytes) -> None:
        bits = int.from_bytes(head, "little")
        size = 1 if bits >> 1 & 3 == 1 else bits >> 3
        if bits & 1:
            self._then(self._magic, 4, size + self._checksum)
        else:
            self._then(self._block, 3, size)
