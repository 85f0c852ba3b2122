"""Comments of a code review: one for each finding inside a hunk of the change, with a suggestion where one fits.

A suggestion replaces whole lines of one hunk. A fix that reaches beyond, that spans files, or whose lines show a
secret, leaves as words only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dfguard.changes import Changes
from dfguard.edit import UNSAFE, Fix
from dfguard.finding import Finding
from dfguard.regex import regex
from dfguard.report.paths import FromTop
from dfguard.report.replacement import Lines, merged, whole_lines
from dfguard.report.secrecy import Secrecy, is_unicode
from dfguard.run import Result
from dfguard.source import Span
from dfguard.struct import Struct

_MARKDOWN = regex(r"([\\`*_\[\]#!|~&<>$])")
_TICKS = regex(r"`+")
_MOST_OUTSIDE = 20


class Comment(Struct):
    """A comment on the lines `first` to `last` of a file, in Markdown."""

    path: str
    first: int
    last: int
    body: str


Fence = Callable[[Lines], str]


def comments(result: Result, changes: Changes, fence: Fence) -> tuple[list[Comment], list[Finding]]:
    """The comments, and the findings that lie in no hunk; `fence` says how the fence of a suggestion is called."""
    reviewer = _Reviewer(result.findings, changes, fence)
    told: list[Comment] = []
    outside: list[Finding] = []
    for finding in result.findings:
        comment = reviewer.comment(finding)
        if comment is None:
            outside.append(finding)
        else:
            told.append(comment)
    return told, outside


def changes_of(result: Result) -> Changes:
    """The change that a result is limited to; raises ValueError where there is none."""
    if result.changes is None:
        raise ValueError("a review is of a change")
    return result.changes


def overview(comments: Sequence[Comment], outside: Sequence[Finding]) -> str:
    """The words above all comments, with the findings that have none."""
    count = len(comments) + len(outside)
    lines = [f"dfguard: {count:,} finding{'' if count == 1 else 's'} in this change."]
    if outside:
        lines += ["", "Outside of its lines:", ""]
        lines += [f"- {_place(finding)}{_said(finding)}" for finding in outside[:_MOST_OUTSIDE]]
        more = len(outside) - _MOST_OUTSIDE
        lines += [f"- and {more:,} more"] if more > 0 else []
    return "\n".join(lines)


class _Reviewer:
    def __init__(self, findings: Sequence[Finding], changes: Changes, fence: Fence) -> None:
        self._secrecy = Secrecy(findings)
        self._changes = changes
        self._fence = fence
        self._path = FromTop()

    def comment(self, finding: Finding) -> Comment | None:
        """The comment on a finding, None if no line of it is in a hunk."""
        place = finding.place
        if not isinstance(place, Span):
            return None
        lines = next(self._suggestions(finding, place), None)
        if lines is not None:
            fix, new = lines
            return Comment(self._path(place.path), new.first, new.last, self._body(finding, fix, new))
        path = self._path(place.path)
        shown = range(place.start_line, place.end_line + 1)
        first = next((line for line in shown if self._changes.hunk(path, line, line)), None)
        if first is None:
            return None
        last = place.end_line if self._changes.hunk(path, first, place.end_line) else first
        return Comment(path, first, last, self._body(finding, next(iter(finding.fixes), None), None))

    def _suggestions(self, finding: Finding, place: Span) -> Iterator[tuple[Fix, Lines]]:
        """The fixes that fit into a hunk of the finding's own file."""
        for fix in finding.fixes:
            edit = merged(fix)
            lines = whole_lines(edit) if edit is not None and edit.span.path == place.path else None
            if lines is not None and self._can_be_told(fix, lines):
                yield fix, lines

    def _can_be_told(self, fix: Fix, lines: Lines) -> bool:
        text = "\n".join(lines.new)
        inside = self._changes.hunk(self._path(lines.source.path), lines.first, lines.last) is not None
        fine = is_unicode(text) and self._secrecy.may_leave(fix)
        return inside and fine and not self._secrecy.shows(lines.span) and not self._secrecy.holds(text)

    def _body(self, finding: Finding, fix: Fix | None, lines: Lines | None) -> str:
        parts = [_said(finding)]
        parts += [f"{_place(related)}{_plain(related.message)}" for related in finding.related[:3]]
        if fix is not None:
            careful = ": look at it before you take it" if fix.kind == UNSAFE else ""
            parts.append(f"Fix: {_plain(fix.title)} ({fix.kind}{careful})")
            parts += [f"It {_plain(note)}" if note.startswith("assumes") else _plain(note) for note in fix.notes]
        if lines is not None:
            longest = max((len(run) for row in lines.new for run in _TICKS.findall(row)), default=0)
            ticks = "`" * max(3, longest + 1)
            parts.append("\n".join((f"{ticks}{self._fence(lines)}", *lines.new, ticks)))
        return "\n\n".join(parts)


def _said(finding: Finding) -> str:
    return f"**{finding.severity.value}** {finding.code} `{finding.name}`: {_plain(finding.message)}"


def _place(where: object) -> str:
    place = getattr(where, "place", None)
    return f"{_plain(place.path)} line {place.start_line}: " if isinstance(place, Span) else ""


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line; it notifies nobody and loads nothing."""
    shown = _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
    return shown.replace("@", "@<!-- -->").replace("://", "<!-- -->://")
