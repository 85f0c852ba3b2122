"""What tells a finding from others over many runs: a hash that outlives moved lines.

Hashed are the rule, the file and the line as it is shown, secrets masked to one `*` whatever their
length, so that no fingerprint says anything of a secret. Equal ones are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from dfguard.finding import Finding
from dfguard.regex import regex
from dfguard.report.paths import FromTop
from dfguard.report.secrecy import Secrecy
from dfguard.source import LayerPlace, Span

_BLANKS = regex(r"\s+")
_MASKED = regex(r"\*+")


def fingerprints(findings: Sequence[Finding], secrecy: Secrecy, path: FromTop) -> list[str]:
    """One fingerprint for each finding, no two alike: hexadecimal digits, `:` and an ordinal from 1."""
    seen: dict[str, int] = {}
    told = []
    for finding in findings:
        text = "\0".join((finding.code, *_where(finding, secrecy, path)))
        digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        seen[digest] = seen.get(digest, 0) + 1
        told.append(f"{digest}:{seen[digest]}")
    return told


def _where(finding: Finding, secrecy: Secrecy, path: FromTop) -> tuple[str, str]:
    place = finding.place
    if isinstance(place, Span):
        source, line = place.source, place.start_line
        starts = source.line_starts
        start, end = starts[line - 1], starts[line] if line < len(starts) else len(source.text)
        shown = _MASKED.sub("*", secrecy.masked(source)[start:end])
        return path(place.path), _BLANKS.sub(" ", shown).strip()
    return "", place.path if isinstance(place, LayerPlace) else place.key
