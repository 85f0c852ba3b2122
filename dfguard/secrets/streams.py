"""Bytes that come in pieces: reading exact counts from them, and undoing compression under caps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, cast

PIECE = 1024 * 1024
_ZSTD_WINDOW, _ZSTD_PIECE = 128 * 1024 * 1024, 512
_FIRST = 4096  # a pack of Git is thousands of short streams in a row: what lies behind one is copied each time
_FREE = 16 * 1024 * 1024  # unpacked bytes before the ratio counts

GZIP, BZIP2, XZ, ZSTD, ZLIB, RAW = "gzip", "bzip2", "xz", "zstd", "zlib", "deflate"


class Broken(Exception):
    """Data that ends too early or is not what its first bytes say."""


class Cut(Exception):
    """Data that unpacks to more than is allowed; the message says which limit it was."""


class Allowance:
    """What may still be unpacked from one file, and how much of it went in."""

    def __init__(self, most: int, ratio: int) -> None:
        self.most = most
        self.ratio = ratio
        self.read = 0
        self.written = 0

    def spend(self, count: int) -> None:
        """Count unpacked bytes; raises Cut for too many."""
        self.written += count
        if self.written > self.most:
            raise Cut(f"unpacks to more than {self.most:,} bytes")
        if self.written > _FREE + self.read * self.ratio:
            raise Cut(f"unpacks to more than {self.ratio} times its size")


class Pieces:
    """A stream of bytes objects that can be read by count; what was read too far can be put back."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._front = b""  # what was read too far, used up to `_at`
        self._at = 0
        self._allowance: Allowance | None = None

    def count_in(self, allowance: Allowance) -> None:
        """Let an allowance know of what is read here."""
        self._allowance = allowance
        allowance.read += len(self._front) - self._at

    def some(self, most: int | None = None) -> bytes:
        """The next piece, of at most `most` bytes where that is given; empty at the end."""
        if self._at == len(self._front):
            self._front, self._at = self._next(), 0
        if most is None or len(self._front) - self._at <= most:
            piece = self._front[self._at :] if self._at else self._front
            self._front, self._at = b"", 0
            return piece
        self._at += most
        return self._front[self._at - most : self._at]

    def _next(self) -> bytes:
        """The next piece that was not read yet."""
        for chunk in self._chunks:
            if self._allowance is not None:
                self._allowance.read += len(chunk)
            if chunk:
                return chunk
        return b""

    def back(self, data: bytes) -> None:
        """Put bytes back in front."""
        if data and self._front.endswith(data, 0, self._at):
            self._at -= len(data)
        else:
            self._front, self._at = data + self._front[self._at :], 0

    def peek(self, count: int) -> bytes:
        """The next `count` bytes without taking them; fewer at the end."""
        while len(self._front) - self._at < count:
            more = self._next()
            if not more:
                break
            self._front, self._at = self._front[self._at :] + more, 0
        return self._front[self._at : self._at + count]

    def take(self, count: int) -> bytes:
        """Exactly `count` bytes, which must be few; raises Broken at an early end."""
        data = self.peek(count)
        if len(data) < count:
            raise Broken("ends too early")
        self._at += count
        return data

    def window(self, least: int, before: bytes = b"") -> bytes:
        """What is at hand, in whole pieces, `least` bytes and more, fewer at the end; behind `before`."""
        pieces = [before] if before else []
        while least > 0 and (piece := self.some()):
            pieces.append(piece)
            least -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def part(self, count: int) -> Iterator[bytes]:
        """`count` bytes in pieces; what is not consumed of them is still the next to read."""
        while count > 0:
            piece = self.some(count)
            if not piece:
                raise Broken("ends too early")
            count -= len(piece)
            yield piece

    def skip(self, count: int) -> None:
        """Pass over `count` bytes."""
        for _ in self.part(count):
            pass

    def rest(self) -> Iterator[bytes]:
        """All that is left."""
        while piece := self.some():
            yield piece


def inflate(source: Pieces, kind: str, allowance: Allowance) -> Iterator[bytes]:
    """Undo one compressed stream, in pieces of 1 MB at most; what follows it stays in `source`.

    Raises Broken for damaged data, Cut when it unpacks to too much, LookupError for a kind that
    needs a module that is not there.
    """
    if kind == ZSTD:
        yield from _unzstd(source, allowance)
        return
    decompress, errors = _decompressor(kind)
    most = _FIRST
    while not decompress.eof:
        piece = source.some(most)
        most = min(most * 4, PIECE)
        if not piece:
            raise Broken("ends too early")
        try:
            yield from _undone(decompress, piece, kind, allowance)
        except errors as error:
            raise Broken("is damaged") from error
    source.back(decompress.unused_data)


def _unzstd(source: Pieces, allowance: Allowance) -> Iterator[bytes]:
    """Undo zstd, all frames of it. Of a few bytes at once, as each four of them can be 128 KB of data."""
    try:
        import zstandard
    except ImportError:
        raise LookupError(ZSTD) from None
    context = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    while source.peek(4):
        frame = context.decompressobj()
        while not frame.eof:
            piece = source.some()
            if not piece:
                raise Broken("ends too early")
            for at in range(0, len(piece), _ZSTD_PIECE):
                try:
                    data = frame.decompress(piece[at : at + _ZSTD_PIECE])
                except zstandard.ZstdError as error:
                    raise Broken("is damaged") from error
                allowance.spend(len(data))
                if data:
                    yield data
                if frame.eof:
                    source.back(frame.unused_data + piece[at + _ZSTD_PIECE :])
                    break


def _undone(decompress: Any, piece: bytes, kind: str, allowance: Allowance) -> Iterator[bytes]:
    """What comes out for one piece. zlib hands back what it did not take, the others keep it."""
    kept = kind in (BZIP2, XZ)
    while True:
        out = decompress.decompress(piece, PIECE)
        allowance.spend(len(out))
        if out:
            yield out
        if decompress.eof:
            return
        if kept:
            if decompress.needs_input:
                return
            piece = b""
        else:
            piece = decompress.unconsumed_tail
            if not piece and len(out) < PIECE:
                return


def _decompressor(kind: str) -> tuple[Any, tuple[type[Exception], ...]]:
    if kind == BZIP2:
        import bz2

        return bz2.BZ2Decompressor(), (OSError, ValueError)
    if kind == XZ:
        import lzma

        return lzma.LZMADecompressor(memlimit=256 * 1024 * 1024), (lzma.LZMAError, EOFError)
    wanted, errors = _zlib()
    return wanted.decompressobj({GZIP: 31, ZLIB: 15, RAW: -15}[kind]), errors


@cache
def _zlib() -> tuple[Any, tuple[type[Exception], ...]]:
    """ISA-L's zlib where it is installed, as it takes half the time; and the errors of both."""
    import zlib

    try:
        from isal import isal_zlib
    except ImportError:
        return zlib, (zlib.error,)
    return isal_zlib, (zlib.error, cast("type[Exception]", isal_zlib.error))
