"""`--diff-base REF`: only what a change brings, and what lies in its lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from dfguard.buffers import Buffers
from dfguard.changes import Changes, old_texts, read_changes
from dfguard.finding import Finding
from dfguard.report.fingerprint import fingerprints
from dfguard.report.paths import FromTop
from dfguard.report.secrecy import Secrecy
from dfguard.run import Result
from dfguard.source import Place, Span


def limited(result: Result, reference: str, check: Callable[[Buffers], Result]) -> Result:
    """The result without the findings that were there before the change and lie outside of it.

    `check` makes the result for the old texts. A file that came or went can't be undone in memory: what names one
    counts as brought. Raises UsageError for a commit that is none.
    """
    changes = read_changes(reference)
    path = FromTop()
    old = check(Buffers(old_texts(changes)))
    before = Counter(_kinds(old, path))
    kept = []
    for finding, kind in zip(result.findings, _kinds(result, path), strict=True):
        known = before[kind] > 0
        before[kind] -= known
        if not known or _touched(finding, changes, path):
            kept.append(finding)
    left = len(result.findings) - len(kept)
    note = f"{left:,} finding{'' if left == 1 else 's'} outside of the changes since {reference} left out"
    notes = (*result.notes, note) if left else result.notes
    return result.but(findings=tuple(kept), changes=changes, notes=notes)


def _kinds(result: Result, path: FromTop) -> list[str]:
    """What makes findings alike over both runs: rule, file and line, without the ordinal."""
    marks = fingerprints(result.findings, Secrecy(result.findings), path)
    return [mark.partition(":")[0] for mark in marks]


def _touched(finding: Finding, changes: Changes, path: FromTop) -> bool:
    places = (finding.place, *(related.place for related in finding.related))
    if any(_changed(place, changes, path) for place in places):
        return True
    told = " ".join((finding.message, *(related.message for related in finding.related)))
    return any(_named(name, told) for name in changes.came_or_went)


def _changed(place: Place, changes: Changes, path: FromTop) -> bool:
    return isinstance(place, Span) and changes.touches(path(place.path), place.start_line, place.end_line)


def _named(path: str, text: str) -> bool:
    """Whether a text names a file, by its path or its last part."""
    name = path.rpartition("/")[2]
    return name in text and re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text) is not None
