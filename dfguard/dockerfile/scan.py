"""A Dockerfile cut into directives, comments, blank lines and raw instructions.

The cutting is BuildKit's: continuations, comments and empty lines inside of them, heredocs
(https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/parser.go). `second_reading`
asks the package dockerfile-parse, which many tools build on, and names what it would read otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.dockerfile import jsonform
from dfguard.dockerfile.directives import DirectiveReader
from dfguard.dockerfile.flags import Command, split_command
from dfguard.dockerfile.heredocs import HOLDERS, Opener, find_openers
from dfguard.dockerfile.lexer import LexError
from dfguard.dockerfile.lines import SPACE, LogicalLine, Range
from dfguard.dockerfile.nodes import Blank, Comment, Directive, Heredoc, Problem
from dfguard.source import BOM, Source, Span
from dfguard.struct import Struct

if TYPE_CHECKING:
    from collections.abc import Container

    from dfguard.dockerfile.second import Disagreement

MAX_LINE = 65_535  # bytes: the buffer of Go's bufio.Scanner


class RawInstruction(Struct):
    """An instruction before its arguments are looked at.

    `span` covers all its physical lines, `line` is the joined text, `command` its parts. `blank_lines`
    are the numbers, from 1, of blank lines inside a continuation; `finished` is false when the file
    ends inside of one.
    """

    span: Span
    line: LogicalLine
    command: Command
    heredocs: tuple[Heredoc, ...]
    blank_lines: tuple[int, ...]
    finished: bool


Item = Directive | Comment | Blank | RawInstruction


class Scan(Struct):
    """What `scan` returns: `items` in order, `directives` those in force, `problems` what it met."""

    source: Source
    escape: str
    directives: tuple[Directive, ...]
    items: tuple[Item, ...]
    problems: tuple[Problem, ...]


class _Rows:
    """The physical lines of a source; `at` is the next one to read, from 0."""

    __slots__ = ("at", "count", "source", "starts", "text")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.starts = source.line_starts
        size = len(self.text)
        self.count = len(self.starts) - (self.starts[-1] == size)  # no line behind a final line end
        self.at = 0

    def bounds(self, row: int) -> tuple[int, int, int]:
        """Start, end without the line end, and end of a row, the BOM left out."""
        start = self.starts[row]
        stop = self.starts[row + 1] if row + 1 < len(self.starts) else len(self.text)
        if row == 0 and self.text.startswith(BOM):
            start += 1
        return start, start + len(self.text[start:stop].rstrip("\r\n")), stop


def scan(source: Source) -> Scan:
    """Cut a source into its items. Never raises: what BuildKit refuses is in `problems`."""
    reader = DirectiveReader(source)
    items, problems, rows = _cut(source, reader, 0, ())
    problems += _long_lines(source, rows)
    return Scan(source, reader.escape, tuple(reader.found), tuple(items), (*reader.problems, *problems))


def scan_part(source: Source, start: int, escape: str, ends: Container[int]) -> tuple[Scan, int]:
    """The items from the line at offset `start` on, up to the first item that would begin a line at one of `ends`.

    `start` is the begin of a line behind the first instruction, where an item begins, `escape` the escape character
    there. Also gives where it has ended. Lines that are too long are none of its problems.
    """
    reader = DirectiveReader(source)
    reader.open = False
    reader.escape = escape
    items, problems, rows = _cut(source, reader, source.line_of(start) - 1, ends)
    end = rows.starts[rows.at] if rows.at < rows.count else len(source.text)
    return Scan(source, escape, (), tuple(items), tuple(problems)), end


def _cut(
    source: Source, reader: DirectiveReader, row: int, ends: Container[int]
) -> tuple[list[Item], list[Problem], _Rows]:
    """The items from a row (from 0) on, what is wrong with them, and the rows read so far."""
    rows = _Rows(source)
    rows.at = row
    problems: list[Problem] = []
    items: list[Item] = []
    text = source.text
    while rows.at < rows.count and rows.starts[rows.at] not in ends:
        start, end, _ = rows.bounds(rows.at)
        line = text[start:end]
        body = line.lstrip(SPACE)
        if not body:
            reader.open = False
            items.append(Blank(Span(source, start, end)))
            rows.at += 1
            continue
        start = end - len(body)
        directive = reader.read(start, end) if reader.open else None
        if directive:
            items.append(directive)
            rows.at += 1
        elif body[0] == "#":
            items.append(Comment(Span(source, start, end)))
            rows.at += 1
        else:
            items.append(_instruction(rows, start, end, reader.escape, problems))
    return items, problems, rows


def _instruction(rows: _Rows, start: int, end: int, escape: str, problems: list[Problem]) -> RawInstruction:
    """Read the instruction whose first line is `start` to `end`; leaves `rows.at` behind its last line."""
    begin = start
    pieces, blanks, finished = _join(rows, start, end, escape)
    line = LogicalLine(rows.source, pieces)
    command = split_command(line.text, 0, len(line.text), escape)
    heredocs: list[Heredoc] = []
    if "<<" in line.text:
        for opener in _openers(line, command, escape, problems):
            heredocs.append(_heredoc(rows, line.span(opener.start, opener.end), opener))
    end = _last_offset(rows, begin)
    open_ended = next((heredoc for heredoc in heredocs if heredoc.terminator is None), None)
    if open_ended:
        problems.append(_unterminated(open_ended))
        end = max(end, open_ended.body.end)
    span = Span(rows.source, begin, end)
    return RawInstruction(span, line, command, tuple(heredocs), tuple(blanks), finished)


def _join(rows: _Rows, start: int, end: int, escape: str) -> tuple[list[Range], list[int], bool]:
    """The pieces of a logical line, the blank lines inside it, and whether it ends before the file does."""
    text = rows.text
    rows.at += 1
    stop, more = continued(text, start, end, escape)
    pieces = [(start, stop)]
    blanks: list[int] = []
    while more and rows.at < rows.count:
        start, end, _ = rows.bounds(rows.at)
        rows.at += 1
        body = text[start:end].lstrip(SPACE)
        if not body:
            blanks.append(rows.at)
        elif body[0] != "#":
            stop, more = continued(text, start, end, escape)
            if stop > start:
                pieces.append((start, stop))
    return pieces, blanks, not more


def continued(text: str, start: int, end: int, escape: str) -> tuple[int, bool]:
    """Where a line ends without its continuation character, and whether it has one.

    Blanks may follow the character; two of them in a row are none.
    """
    stripped = start + len(text[start:end].rstrip(" \t"))
    if stripped <= start or text[stripped - 1] != escape:
        return end, False
    if stripped - 1 > start and text[stripped - 2] == escape:
        return end, False
    return stripped - 1, True


def _last_offset(rows: _Rows, begin: int) -> int:
    """The end of the row before `rows.at`; with its line end if it is empty, so that it counts."""
    start, end, stop = rows.bounds(rows.at - 1)
    return end if end > start or start <= begin else stop


def _openers(line: LogicalLine, command: Command, escape: str, problems: list[Problem]) -> tuple[Opener, ...]:
    """The heredocs of a line whose instruction may have them."""
    text = line.text
    if text[slice(*command.keyword)].lower() == "onbuild":
        command = split_command(text, *command.arguments, escape)
    if text[slice(*command.keyword)].lower() not in HOLDERS or is_json(text, command.arguments):
        return ()
    try:
        return find_openers(text)
    except LexError as error:
        message = f"the name of a heredoc can't be read: {error.reason}"
        problems.append(Problem(line.span(0, len(text)), "bad-heredoc", message, True))
        return ()


def is_json(text: str, place: Range) -> bool:
    """Whether a part of a line is a JSON array of strings."""
    start, end = place
    if not text.startswith("[", start, end):
        return False
    try:
        jsonform.read_array(text, start, end)
    except (jsonform.NotJson, jsonform.NotStrings):
        return False
    return True


def _heredoc(rows: _Rows, place: Span, opener: Opener) -> Heredoc:
    """Read the body of a heredoc from `rows.at` on; without a terminator it takes all that is left."""
    source, text = rows.source, rows.text
    body_start = rows.starts[rows.at] if rows.at < rows.count else len(text)
    while rows.at < rows.count:
        start, end, _ = rows.bounds(rows.at)
        rows.at += 1
        row = text[start:end]
        if opener.chomp:
            row = row.lstrip("\t")
        if row == opener.name:
            body = Span(source, body_start, start)
            return Heredoc(place, body, Span(source, start, end), opener.name, opener.expand, opener.chomp)
    return Heredoc(place, Span(source, body_start, len(text)), None, opener.name, opener.expand, opener.chomp)


def _unterminated(heredoc: Heredoc) -> Problem:
    name = heredoc.name
    shown = name if len(name) <= 40 else name[:37] + "..."
    message = f"the heredoc <<{shown} is never closed: a line that holds only {shown} must follow"
    near = next((row for row in heredoc.body.text.split("\n") if name == row.strip() and name), None)
    if near is not None and not heredoc.chomp:
        message += " (there is one with blanks around it, which do not belong there)"
    return Problem(heredoc.opener, "unterminated-heredoc", message, True)


def _long_lines(source: Source, rows: _Rows) -> list[Problem]:
    """The first line that is longer than BuildKit's buffer."""
    starts = source.line_starts
    for row, start in enumerate(starts):
        stop = starts[row + 1] if row + 1 < len(starts) else len(source.text)
        if stop - start <= MAX_LINE // 4:
            continue
        _, end, _ = rows.bounds(row)
        size = len(source.text[start:end].encode("utf-8", "surrogateescape"))
        if size > MAX_LINE:
            message = f"a line of {size:,} bytes: BuildKit reads at most {MAX_LINE:,} bytes a line"
            return [Problem(Span(source, start, end), "line-too-long", message, True)]
    return []


def second_reading(source: Source) -> tuple[Disagreement, ...]:
    """The lines that tools built on the package dockerfile-parse split otherwise than BuildKit.

    The package is imported here, and only here: it brings logging and json along. It is told the
    same text, bytes that are no UTF-8 replaced by `?`.
    """
    from io import BytesIO

    from dockerfile_parse import DockerfileParser  # type: ignore[import-untyped]

    from dfguard.dockerfile.second import SecondRecord, disagreements

    parser = DockerfileParser(fileobj=BytesIO(source.text.encode("utf-8", "replace")))
    theirs = [
        SecondRecord(part["instruction"].upper(), part["startline"] + 1, part["endline"] + 1)
        for part in parser.structure
        if part["instruction"] != "COMMENT"
    ]
    return disagreements(scan(source), theirs)
