"""Tokens and keys inside of base64: Kubernetes secrets, connection data, attached files.

Only formats with a literal of four bytes and more are looked for. Eight bits fall on six in three
ways, so that each literal has three spellings in base64 whatever stands around it (`spellings`); where
none of them is, Hyperscan needs to look no further.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from itertools import accumulate

from dfguard.regex import regex
from dfguard.secrets.detectors import SecretHit, confirm
from dfguard.secrets.generated import DETECTORS, PLAIN, WORDS
from dfguard.secrets.places import base64_runs, base64_runs_at, plain_places, token_places
from dfguard.secrets.token_checks import decoded

SHORTEST_RUN = 40
_LONGEST_RUN = 4 * 1024 * 1024
_BATCH = 256 * 1024
_SHORTEST_LITERAL = 4
_NAME = regex(rb"([A-Za-z_][A-Za-z0-9_.-]{0,99})[\"']?[ \t]{0,8}[:=][ \t]{0,8}[\"']?\Z")


def base64_hits(data: bytes, within: tuple[int, ...] | None = None) -> Iterator[SecretHit]:
    """The tokens and keys inside of runs of base64; a hit covers the part of the run that holds it.

    `within`, if given, are places right behind a byte of each run that is worth decoding, in order.
    """
    for starts, stops, lengths, inner in _batches(data, _wanted(data, within)):
        ends = list(accumulate(lengths))
        for index, at in _places(inner):
            hit = confirm(inner, index, at)
            number = bisect_right(ends, at)
            first = ends[number] - lengths[number]
            if hit is not None and hit.end < ends[number]:
                start, stop = starts[number], stops[number]
                yield hit.but(
                    start=start + (hit.start - first) // 3 * 4,
                    end=min(stop, start + (hit.end - first + 2) // 3 * 4),
                    key=_key_before(data, start),
                    encoding="base64",
                )


def _wanted(data: bytes, within: tuple[int, ...] | None) -> Iterator[tuple[int, int]]:
    if within is None:
        return base64_runs(data, SHORTEST_RUN)
    return base64_runs_at(data, SHORTEST_RUN, within)


_Batch = tuple[list[int], list[int], list[int], bytes]


def _batches(data: bytes, runs: Iterator[tuple[int, int]]) -> Iterator[_Batch]:
    """Decoded runs, joined so that one search serves many: starts and stops in `data`, lengths with a line end."""
    pieces: list[bytes] = []
    starts: list[int] = []
    stops: list[int] = []
    size = 0
    for start, stop in runs:
        stop = min(stop, start + _LONGEST_RUN)
        piece = decoded(data[start : stop - ((stop - start) % 4 == 1)])
        pieces.append(piece)
        starts.append(start)
        stops.append(stop)
        size += len(piece)
        if size > _BATCH:
            yield starts, stops, [len(each) + 1 for each in pieces], b"\n".join(pieces)
            pieces, starts, stops, size = [], [], [], 0
    if pieces:
        yield starts, stops, [len(each) + 1 for each in pieces], b"\n".join(pieces)


def _key_before(data: bytes, start: int) -> str:
    named = _NAME.search(data, max(0, start - 120), start)
    return named[1].decode("ascii") if named else ""


def _places(inner: bytes) -> Iterator[tuple[int, int]]:
    wanted = _encodable()
    for index, at in token_places(inner):
        if index in wanted:
            yield index, at
    yield from plain_places(inner, wanted)


@cache
def _encodable() -> frozenset[int]:
    """The detectors that are looked for: not those of mere text, and none with a literal that is too short."""
    short = {index for literal, indexes in _literals() if len(literal) < _SHORTEST_LITERAL for index in indexes}
    found = {index for _, indexes in _literals() for index in indexes}
    return frozenset(index for index in found - short if not DETECTORS[index][3])


def _literals() -> Iterator[tuple[bytes, tuple[int, ...]]]:
    yield from PLAIN
    for before, start, indexes in WORDS:
        yield before + start, indexes


def spellings() -> frozenset[bytes]:
    """What base64 makes of the literals in each of the three ways that bits can fall."""
    from binascii import b2a_base64

    wanted = _encodable()
    out = set()
    for literal, indexes in _literals():
        if not wanted.isdisjoint(indexes):
            for shift in range(3):
                spelled = b2a_base64(bytes(shift) + literal, newline=False)
                out.add(spelled[(shift * 8 + 5) // 6 : (shift + len(literal)) * 8 // 6])
    return frozenset(out)
