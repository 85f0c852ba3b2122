"""What a report must not tell: the secrets of the files that its findings lie in."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dfguard.edit import Fix
from dfguard.finding import Finding
from dfguard.regex import regex
from dfguard.report.mask import mask_secrets
from dfguard.source import Source, Span

_SHORT = 3  # values up to this length count as whole words only: they stand by chance in other words
_VARIABLE = regex(r"\$\w+|\$\{\w+\}")


class Secrecy:
    """Masks texts; the masked text of a source is kept, as many findings share one."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._masked: dict[int, tuple[Source, str]] = {}
        self._places: dict[str, list[tuple[int, int]]] = {}
        self._values: set[str] = set()
        for finding in findings:
            if finding.secret and isinstance(finding.place, Span):
                self._places.setdefault(finding.place.path, []).append((finding.place.start, finding.place.end))
                self._values.add(finding.place.text)
        self._values = {value for value in self._values if value.strip() and not _VARIABLE.fullmatch(value)}

    def masked(self, source: Source) -> str:
        """The text of a source with `*` for every character of every secret; offsets stay."""
        known = self._masked.get(id(source))
        if known is None:
            masked = mask_secrets(source.text, self._places.get(source.path, ()))
            known = self._masked[id(source)] = (source, masked)
        return known[1]

    def shows(self, span: Span) -> bool:
        """Whether a piece of a source holds a secret, or a part of one."""
        return self.masked(span.source)[span.start : span.end] != span.text

    def holds(self, text: str) -> bool:
        """Whether a text of its own holds a secret, or the value of one that a finding is about."""
        return mask_secrets(text) != text or any(_stands_in(value, text) for value in self._values)

    def may_leave(self, fix: Fix) -> bool:
        """Whether a fix can be told: its text is Unicode and holds no secret. A fix is told wholly or not at all."""
        return all(is_unicode(edit.text) and not self.holds(edit.text) for edit in fix.edits)


def _stands_in(value: str, text: str) -> bool:
    if len(value) > _SHORT:
        return value in text
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None


def is_unicode(text: str) -> bool:
    """Whether a text has no byte that is not UTF-8 (see dfguard.source), which formats in UTF-8 can't say."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)
