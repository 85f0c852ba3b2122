"""Finding secrets in bytes: a plain search for each format's literal, then its pattern there.

Python's `re` reads 10 MB/s with all formats at once; `bytes.find` passes text without a literal at
memory speed, and a pattern is compiled when its literal is first seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from dfguard.finding import Confidence
from dfguard.secrets.generated import DETECTORS, LITERALS
from dfguard.struct import Struct

_BINARY_PROBE = 8192  # a NUL in the first bytes makes a file binary, as for git


class SecretHit(Struct):
    """A secret in data: bytes `start` up to, not including, `end`. The value itself is never kept.

    `detector` is the id of the format, `title` its name ("GitHub token").
    """

    detector: str
    title: str
    start: int
    end: int
    confidence: Confidence


def scan(data: bytes) -> tuple[SecretHit, ...]:
    """All secrets in `data`, in order of place, none overlapping another.

    Placeholders and documented examples are not reported. Formats that are only words and values
    (passwords in URLs, assignments) are not looked for in binary data. Time is linear in the size.
    """
    if not data:
        return ()
    binary = b"\0" in data[:_BINARY_PROBE]
    lowered = b"" if binary else data.lower()
    found: list[SecretHit] = []
    for literal, fold, detectors in LITERALS:
        haystack = lowered if fold else data
        at = haystack.find(literal)
        if at >= 0:
            for index in detectors:
                if not (binary and _DETECTORS[index].text):
                    found += _hits(data, haystack, literal, at, index)
    return _without_overlaps(found)


class _Detector(Struct):
    """A row of the table; detectors.toml says what the fields mean."""

    id: str
    title: str
    confidence: str
    text: bool
    line: bool
    before: int
    reach: int
    pattern: bytes
    check: str | None


_DETECTORS = tuple(_Detector(*row) for row in DETECTORS)
_RANK = {detector.id: index for index, detector in enumerate(_DETECTORS)}


@cache
def _pattern(index: int) -> re.Pattern[bytes]:
    return re.compile(_DETECTORS[index].pattern)


def _hits(data: bytes, haystack: bytes, literal: bytes, at: int, index: int) -> Iterator[SecretHit]:
    """The hits of one detector, from the first place of one of its literals on."""
    free = 0
    while at >= 0:
        match = _match(data, at, free, index)
        if match is not None:
            free = match.end()
            hit = _confirm(data, match, _DETECTORS[index])
            if hit is not None:
                yield hit
        at = haystack.find(literal, max(at + len(literal), free))


def _match(data: bytes, at: int, free: int, index: int) -> re.Match[bytes] | None:
    """The pattern at a literal found at `at`; bytes before `free` belong to an earlier match."""
    detector = _DETECTORS[index]
    if detector.line:
        start = data.rfind(b"\n", max(0, at - detector.reach), at) + 1
        return _pattern(index).match(data, start) if start or at <= detector.reach else None
    if detector.reach:
        return _pattern(index).search(data, max(free, at - detector.reach), at + detector.reach)
    return _pattern(index).match(data, max(0, at - detector.before))


def _confirm(data: bytes, match: re.Match[bytes], detector: _Detector) -> SecretHit | None:
    confidence: Confidence | None = Confidence(detector.confidence)
    if detector.check is not None:
        from dfguard.secrets.checks import CHECKS

        confidence = CHECKS[detector.check](data, match, Confidence(detector.confidence))
    if confidence is None:
        return None
    start, end = match.span("secret" if "secret" in match.re.groupindex else 0)
    if detector.id in _BLOCKS:
        end = _end_of_block(data, end)
    return SecretHit(detector.id, detector.title, start, end, confidence)


# Their pattern is only the first line; the secret goes on to the end of the block.
_BLOCKS = {"private-key": b"-----END", "putty-key": b"Private-MAC"}
_LONGEST_BLOCK = 20_000


def _end_of_block(data: bytes, start: int) -> int:
    ends = [at for mark in _BLOCKS.values() if (at := data.find(mark, start, start + _LONGEST_BLOCK)) >= 0]
    if not ends:
        return min(len(data), start + _LONGEST_BLOCK)
    line_end = data.find(b"\n", min(ends), min(ends) + 100)
    return line_end if line_end >= 0 else min(len(data), min(ends) + 100)


def _without_overlaps(found: list[SecretHit]) -> tuple[SecretHit, ...]:
    """Of two hits that overlap the earlier detector's stays; `found` is in the order of detectors."""
    if len(found) < 2:
        return tuple(found)
    kept: list[SecretHit] = []
    for hit in sorted(found, key=lambda hit: (hit.start, _RANK[hit.detector])):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
        elif _RANK[hit.detector] < _RANK[kept[-1].detector]:
            kept[-1] = hit
    return tuple(kept)
