"""A Python source as Python decodes it, and where its characters stand in the file.

`ast` counts lines and UTF-8 bytes of the decoded text; a Source counts characters of the file read as
UTF-8. Both are the same text for nearly every file, not for one with another encoding (PEP 263), a byte
order mark or, in a heredoc, tabs that the builder cuts.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Iterable

from dfguard.regex import regex
from dfguard.source import BOM, Source, Span

_COOKIE = regex(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = regex(rb"[ \t\f]*(?:#.*)?\Z")
_UTF8 = frozenset(("utf-8", "utf8", "utf-8-sig", "utf8-sig", "u8", "utf", "ascii", "us-ascii"))
# Without a state, so that a part of the text is encoded as it stands in the file.
_STATELESS = regex(
    r"latin-?1|l1|iso-?8859-?\d{1,2}|cp-?\d{3,5}|windows-?\d{3,4}|koi8-[rtu]|mac-\w+|gbk|gb2312|gb18030|big5(?:hkscs)?"
    r"|euc-(?:jp|kr|tw|cn)|shift-jis|sjis"
)
_LINE_END = regex(r"\r\n|\r|\n")


class Unreadable(Exception):
    """A file that is not read; the message says why, in a few words behind a colon."""


class PythonText:
    """`text` is what Python reads; `source` is the file that it stands in."""

    __slots__ = ("_codec", "_ends", "_starts", "source", "text")

    def __init__(self, source: Source, text: str, starts: list[int], codec: str | None = None) -> None:
        self.source = source
        self.text = text
        self._starts = starts  # of each line, in characters of the source
        self._ends = [0, *(match.end() for match in _LINE_END.finditer(text))]
        self._codec = codec

    def line(self, number: int) -> str:
        """A line, from 1, as Python reads it, with its line end."""
        end = self._ends[number] if number < len(self._ends) else len(self.text)
        return self.text[self._ends[number - 1] : end]

    def offset_of(self, line: int, column: int) -> int:
        """The offset in the source of a line, from 1, and a column in UTF-8 bytes, from 0."""
        text = self.line(line)
        before = text[:column] if text.isascii() else text.encode("utf-8", "surrogatepass")[:column].decode("utf-8")
        return self._starts[line - 1] + self._width(before)

    def offset_at(self, at: int) -> int:
        """The offset in the source of an offset in `text`."""
        line = bisect_right(self._ends, at)
        return self._starts[line - 1] + self._width(self.text[self._ends[line - 1] : at])

    def index_of(self, line: int, column: int) -> int:
        """The offset in `text` of a line, from 1, and a column in UTF-8 bytes, from 0."""
        text = self.line(line)
        before = column if text.isascii() else len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8"))
        return self._ends[line - 1] + before

    def span_of(self, node: ast.expr) -> Span:
        """The place of an expression."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = self.offset_of(node.lineno, node.col_offset)
        return Span(self.source, start, self.offset_of(node.end_lineno, node.end_col_offset))

    def text_of(self, node: ast.expr) -> str:
        """An expression as Python reads it."""
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = self.index_of(node.lineno, node.col_offset)
        return self.text[start : self.index_of(node.end_lineno, node.end_col_offset)]

    def _width(self, text: str) -> int:
        return len(text) if self._codec is None else len(_as_read(text, self._codec))


def decode(path: str, data: bytes) -> PythonText:
    """Decode a file as Python does: byte order mark, else the comment of PEP 263, else UTF-8.

    Raises Unreadable for bytes that are no text in that encoding, and for encodings that are not known.
    """
    if b"\0" in data:
        raise Unreadable("holds a NUL byte")
    encoding = _declared(data)
    if encoding is None or encoding in _UTF8:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Unreadable(f"byte {error.start:,} is not UTF-8, which it has to be") from None
        bom = text.startswith(BOM)
        return of_text(Source(path, text), bom, len(text))
    if not _STATELESS.fullmatch(encoding):
        raise Unreadable(f"the encoding {encoding!r} is not read")
    return _in_codec(path, data, encoding)


def of_heredoc(body: Span) -> PythonText:
    """The body of a heredoc as Python gets it: without the tabs that `<<-` takes away in front of each line."""
    lines = [match.span() for match in re.finditer(r"[^\n]*\n|[^\n]+", body.text)]
    cut = all(body.text[start] in "\t\r\n" for start, _ in lines)
    tabs = [len(body.text[start:end]) - len(body.text[start:end].lstrip("\t")) if cut else 0 for start, end in lines]
    pieces = ((body.start + start + n, body.start + end) for (start, end), n in zip(lines, tabs, strict=True))
    return of_lines(body.source, pieces)


def of_text(source: Source, start: int, end: int) -> PythonText:
    """A part of a source that is read as it stands."""
    text = source.text if (start, end) == (0, len(source.text)) else source.text[start:end]
    return PythonText(source, text, [start, *(start + match.end() for match in _LINE_END.finditer(text))])


def of_lines(source: Source, pieces: Iterable[tuple[int, int]]) -> PythonText:
    """Lines of a source, each (start, end) with its line end, of which more may be cut at the front."""
    kept = list(pieces)
    text = "".join(source.text[start:end] for start, end in kept)
    starts = [start for start, _ in kept]
    return PythonText(source, text, [*starts, kept[-1][1] if kept else 0])


def _declared(data: bytes) -> str | None:
    if data.startswith(BOM.encode()):
        return None
    for line in data[:2000].splitlines()[:2]:
        found = _COOKIE.match(line)
        if found:
            return found[1].decode("ascii").lower().replace("_", "-")
        if not _BLANK.match(line):
            return None
    return None


def _in_codec(path: str, data: bytes, encoding: str) -> PythonText:
    try:
        text = data.decode(encoding)
        faithful = text.encode(encoding) == data
    except (UnicodeError, LookupError):
        raise Unreadable(f"is no text in its encoding {encoding!r}") from None
    if not faithful:
        raise Unreadable(f"places in its encoding {encoding!r} can't be told")
    starts = [0]
    for line in re.findall(r"[^\r\n]*(?:\r\n|\r|\n)", text):
        starts.append(starts[-1] + len(_as_read(line, encoding)))
    return PythonText(Source(path, data.decode("utf-8", "surrogateescape")), text, starts, encoding)


def _as_read(text: str, encoding: str) -> str:
    return text.encode(encoding).decode("utf-8", "surrogateescape")
