"""Where dockerfile-parse, on which many tools are built, reads a Dockerfile otherwise than BuildKit."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dfguard.dockerfile.lines import SPACE
from dfguard.source import BOM, Span
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.dockerfile.scan import RawInstruction, Scan

MESSAGES = {
    "heredoc": "the body of a heredoc is read as instructions",
    "byte-order-mark": "the byte order mark hides what the first line says",
    "blank-line": "the instruction ends at the empty line inside it",
    "comment-line": "a comment inside the instruction is counted otherwise",
    "doubled-escape": "two continuation characters in a row are taken as a continuation",
    "lone-escape": "a line with only a continuation character is taken as an instruction",
    "unfinished": "the file ends inside the instruction, which gets lost",
    "bare-keyword": "a keyword without arguments gets lost",
    "escaped-blank": "a continuation character before other blanks than space and tab is taken as a continuation",
    "other": "the lines are split otherwise",
}


class SecondRecord(Struct):
    """An instruction as dockerfile-parse reports it: the keyword in upper case, lines from 1."""

    keyword: str
    start_line: int
    end_line: int


class Disagreement(Struct):
    """An instruction that tools built on dockerfile-parse lose, or find at other lines.

    `reason` is a key of MESSAGES, `message` the sentence for it.
    """

    span: Span
    reason: str
    message: str

    @property
    def line(self) -> int:
        """The first line, from 1."""
        return self.span.start_line


def records(scanned: Scan) -> list[tuple[SecondRecord, RawInstruction]]:
    """Our own instructions in the same form."""
    from dfguard.dockerfile.scan import RawInstruction

    own = (item for item in scanned.items if isinstance(item, RawInstruction))
    return [(_record(raw), raw) for raw in own]


def _record(raw: RawInstruction) -> SecondRecord:
    keyword = raw.line.text[slice(*raw.command.keyword)].upper()
    return SecondRecord(keyword, raw.span.start_line, raw.span.end_line)


def disagreements(scanned: Scan, theirs: Sequence[SecondRecord]) -> tuple[Disagreement, ...]:
    """Compare our record with theirs: one entry for each of our instructions that theirs lacks or cuts up."""
    own = records(scanned)
    starts = [record.start_line for record, _ in own]
    known = set(theirs)
    guilty = {number for number, (record, _) in enumerate(own) if record not in known}
    for other in theirs:
        holder = bisect_right(starts, other.start_line) - 1
        if holder >= 0 and starts[holder] < other.start_line <= own[holder][0].end_line:
            guilty.add(holder)
    found: list[Disagreement] = []
    before, reason = -2, "other"
    for number in sorted(guilty):
        raw = own[number][1]
        own_reason = _reason(raw, scanned.escape, bool(scanned.directives))
        follows = number == before + 1 and own_reason == "other"  # swallowed by the one above
        before, reason = number, reason if follows else own_reason
        found.append(Disagreement(raw.span, reason, MESSAGES[reason]))
    return tuple(found)


def _reason(raw: RawInstruction, escape: str, directives: bool) -> str:
    """Why an instruction is read otherwise: the first known fault that its text gives cause for."""
    source = raw.span.source
    rows = raw.span.text.split("\n")
    if raw.heredocs:
        return "heredoc"
    if source.text.startswith(BOM) and (raw.span.start_line == 1 or directives):
        return "byte-order-mark"
    if raw.blank_lines:
        return "blank-line"
    if not raw.finished:
        return "unfinished"
    if rows[0].strip(SPACE) == escape:
        return "lone-escape"
    if len(raw.line.text.split()) <= 1:
        return "bare-keyword"
    if any(row.rstrip(SPACE).endswith(escape * 2) for row in rows):
        return "doubled-escape"
    if any(row.lstrip(SPACE).startswith("#") for row in rows):
        return "comment-line"
    return "escaped-blank" if any(row.rstrip(SPACE).endswith(escape) for row in rows) else "other"
