"""Text with a name, and places in it.

The only module that turns offsets into lines and columns. Offsets count characters of
`Source.text`. Bytes that are not UTF-8 live in the text as surrogate escapes (PEP 383), so every
file prints back to the same bytes, as BuildKit, which works on bytes, would see them.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import ClassVar

from dfguard.errors import InputError, SyntaxRefused
from dfguard.struct import Struct

BOM = "\ufeff"
MAX_BYTES = 16 * 1024 * 1024  # above it BuildKit's own gRPC transfer of the Dockerfile fails


class Source:
    """One text file: `path` as the user named it, `text` with the original line ends and BOM."""

    __slots__ = ("_starts", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._starts: list[int] | None = None

    @classmethod
    def from_bytes(cls, path: str, data: bytes) -> Source:
        """Decode as UTF-8 with surrogate escapes.

        Raises InputError for a file above MAX_BYTES, SyntaxRefused for UTF-16/32 and NUL bytes.
        """
        if len(data) > MAX_BYTES:
            raise InputError(path, f"is {len(data):,} bytes large; expected at most {MAX_BYTES:,}")
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise SyntaxRefused(path, "is UTF-16 or UTF-32 text; BuildKit expects UTF-8: save the file as UTF-8")
        nul = data.find(b"\0")
        if nul >= 0:
            line = data.count(b"\n", 0, nul) + 1
            raise SyntaxRefused(path, f"line {line}: holds a NUL byte; expected a text file in UTF-8")
        return cls(path, data.decode("utf-8", "surrogateescape"))

    @property
    def data(self) -> bytes:
        """The bytes that the text was decoded from."""
        return self.text.encode("utf-8", "surrogateescape")

    @property
    def line_starts(self) -> list[int]:
        """Offset of the first character of each line; lines end at `\\n` only, as in BuildKit."""
        if self._starts is None:
            starts = [0]
            find, at = self.text.find, 0
            while (at := find("\n", at) + 1) > 0:
                starts.append(at)
            self._starts = starts
        return self._starts

    def line_of(self, offset: int) -> int:
        """The line, from 1, that holds `offset`."""
        return bisect_right(self.line_starts, offset)

    def line_text(self, line: int) -> str:
        """The text of a line (from 1) without its line end and without a BOM."""
        starts = self.line_starts
        end = starts[line] if line < len(starts) else len(self.text)
        text = self.text[starts[line - 1] : end].rstrip("\r\n")
        return text.removeprefix(BOM) if line == 1 else text

    def _before(self, offset: int) -> str:
        start = self.line_starts[self.line_of(offset) - 1]
        before = self.text[start:offset]
        return before if start else before.removeprefix(BOM)

    def column_of(self, offset: int) -> int:
        """The column, from 1, in characters; a BOM has no width."""
        line = self.line_of(offset)
        bom = line == 1 and offset > 0 and self.text.startswith(BOM)
        return offset - self.line_starts[line - 1] - bom + 1

    def byte_column_of(self, offset: int) -> int:
        """The column, from 1, in UTF-8 bytes (rdjson); a BOM has no width."""
        return len(self._before(offset).encode("utf-8", "surrogateescape")) + 1

    def utf16_column_of(self, offset: int) -> int:
        """The column, from 0, in UTF-16 code units (LSP); a BOM has no width."""
        return len(self._before(offset).encode("utf-16-le", "surrogatepass")) // 2

    def offset_of(self, line: int, column: int) -> int:
        """The offset of a line and a column in characters, both from 1; past the end of the line is its end."""
        start = self.line_starts[line - 1]
        bom = line == 1 and self.text.startswith(BOM)
        return min(start + bom + column - 1, start + bom + len(self.line_text(line)))

    def span(self, start: int, end: int) -> Span:
        """The characters from `start` up to, not including, `end`."""
        return Span(self, start, end)

    @property
    def whole(self) -> Span:
        """The span of the whole text."""
        return Span(self, 0, len(self.text))

    def __repr__(self) -> str:
        return f"Source({self.path!r}, {len(self.text)} characters)"


class Span:
    """A piece of a Source: characters `start` up to, not including, `end`.

    Two spans are equal when they lie in the same Source object (or one of equal path and text) at
    the same offsets.
    """

    __slots__ = ("end", "source", "start")
    __match_args__: ClassVar[tuple[str, ...]] = ("source", "start", "end")

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source = source
        self.start = start
        self.end = end

    @property
    def text(self) -> str:
        """The characters of the span."""
        return self.source.text[self.start : self.end]

    @property
    def path(self) -> str:
        """The path of the source."""
        return self.source.path

    @property
    def span(self) -> Span:
        """Itself, so that everything that has a place can be asked the same way."""
        return self

    @property
    def start_line(self) -> int:
        """The line, from 1, of the first character."""
        return self.source.line_of(self.start)

    @property
    def end_line(self) -> int:
        """The line, from 1, of the last character."""
        return self.source.line_of(max(self.start, self.end - 1))

    def sub(self, start: int, end: int) -> Span:
        """The part between two offsets counted from the start of this span."""
        return Span(self.source, self.start + start, self.start + end)

    def to(self, other: Span) -> Span:
        """The span from the start of this one to the end of `other`."""
        return Span(self.source, self.start, other.end)

    def contains(self, other: Span) -> bool:
        """Whether `other` lies inside this span, in the same file."""
        return self.path == other.path and self.start <= other.start and other.end <= self.end

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Span):
            return NotImplemented
        same = self.source is other.source or (self.path, self.source.text) == (other.path, other.source.text)
        return same and (self.start, self.end) == (other.start, other.end)

    def __hash__(self) -> int:
        return hash((self.source.path, self.start, self.end))

    def __reduce__(self) -> tuple[type[Span], tuple[Source, int, int]]:
        return Span, (self.source, self.start, self.end)

    def __repr__(self) -> str:
        return f"Span({self.path}:{self.start_line}, {self.text[:40]!r})"


class LayerPlace(Struct):
    """A file in a layer of a real image: `layer` is its digest, `path` is absolute in the image."""

    image: str
    layer: str
    path: str = ""


class ImagePlace(Struct):
    """A part of the image's configuration or history, named by a key such as `config.User`."""

    image: str
    key: str = ""


Place = Span | LayerPlace | ImagePlace
