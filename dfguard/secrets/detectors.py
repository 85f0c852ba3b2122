"""The formats of detectors.toml at work: a pattern at a place, then a check of what it found."""

from __future__ import annotations

import re
from functools import cache

from dfguard.finding import Confidence
from dfguard.secrets.checks import CHECKS
from dfguard.secrets.generated import DETECTORS
from dfguard.struct import Struct


class SecretHit(Struct):
    """A secret in data: bytes `start` up to, not including, `end`. The value itself is never kept.

    `detector` is the id of the format, `title` its name ("GitHub token"), `key` the name that the
    value is given there, if any, `encoding` what had to be undone to see it ("base64"). `file` is the id
    of the kind of file of credentials whose structure holds it, if it is one (`dfguard.secrets.files.table`).
    """

    detector: str
    title: str
    start: int
    end: int
    confidence: Confidence
    key: str = ""
    encoding: str = ""
    file: str = ""


class _Detector(Struct):
    """A row of the table; detectors.toml says what the fields mean."""

    id: str
    title: str
    confidence: str
    text: bool
    before: int
    pattern: bytes
    gate: bytes
    check: str | None


_DETECTORS = tuple(_Detector(*row) for row in DETECTORS)


@cache
def _pattern(index: int) -> re.Pattern[bytes]:
    return re.compile(_DETECTORS[index].pattern)


def confirm(data: bytes, index: int, at: int) -> SecretHit | None:
    """The hit of a detector whose literal stands at `at`, if its pattern and its check agree."""
    detector = _DETECTORS[index]
    match = _pattern(index).match(data, at - detector.before) if at >= detector.before else None
    if match is None:
        return None
    confidence: Confidence | None = Confidence(detector.confidence)
    if detector.check is not None:
        confidence = CHECKS[detector.check](data, match, Confidence(detector.confidence))
    if confidence is None:
        return None
    start, end = match.span("secret" if "secret" in match.re.groupindex else 0)
    if detector.id in _BLOCKS:
        end = _end_of_block(data, end)
    return SecretHit(detector.id, detector.title, start, end, confidence)


# Their pattern is only the first line; the secret goes on to the end of the block.
_BLOCKS = frozenset(("private-key", "putty-key", "openvpn-static-key"))
_LONGEST_BLOCK = 20_000


def _end_of_block(data: bytes, start: int) -> int:
    ends = [at for mark in (b"-----END", b"Private-MAC") if (at := data.find(mark, start, start + _LONGEST_BLOCK)) >= 0]
    if not ends:
        return min(len(data), start + _LONGEST_BLOCK)
    line_end = data.find(b"\n", min(ends), min(ends) + 100)
    return line_end if line_end >= 0 else min(len(data), min(ends) + 100)
