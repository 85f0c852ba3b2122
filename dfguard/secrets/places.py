"""Where a token may stand: the places at which a detector's pattern is worth trying.

A search for two hundred literals one after the other reads 8 MB/s, any regular expression of
Python 20 to 90. But nearly all tokens begin a word of 20 letters, digits, `_` and `-`, or stand
right before one. Such words are found by one translation and one search, both at memory speed, and
each costs two look-ups.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from dfguard.secrets.generated import OFFSETS, PLAIN, WORDS

SHORTEST_WORD = 20
LONG_WORD = 36
# From the start of a literal to what Hyperscan has to see of its token; generate.py keeps to it.
LONGEST_TOKEN = 600
_KEY = 3  # bytes of a literal by which it is looked up
_NOT_SPELLED = 0x20


def _alphabet(extra: str) -> bytes:
    """A table that makes an `a` of every ASCII letter, digit and one of `extra`, and a blank of all else."""
    return bytes(
        0x61 if char < 0x80 and (chr(char).isalnum() or chr(char) in extra) else _NOT_SPELLED for char in range(256)
    )


_IN_WORDS = _alphabet("_-")
_IN_BASE64 = _alphabet("+/")

Found = tuple[int, int]  # a detector's index, the place of its literal
Literals = tuple[tuple[bytes, tuple[int, ...]], ...]
Tails = tuple[tuple[int, bytes, tuple[int, ...]], ...]  # how much of the literal stands before the word


def runs(data: bytes, table: bytes, least: int) -> Iterator[tuple[int, int]]:
    """Start and end of every run of at least `least` characters of an alphabet."""
    find = data.translate(table).find
    needle, end = b"a" * least, len(data)
    at = find(needle)
    while at >= 0:
        stop = find(b" ", at + least)
        if stop < 0:
            stop = end
        yield at, stop
        at = find(needle, stop)


def base64_runs(data: bytes, least: int) -> Iterator[tuple[int, int]]:
    """Start and end of every run of base64 without its padding."""
    return runs(data, _IN_BASE64, least)


def base64_runs_at(data: bytes, least: int, places: Iterable[int]) -> Iterator[tuple[int, int]]:
    """As `base64_runs`, only those with a byte right before one of the places, which are in order."""
    spelled = data.translate(_IN_BASE64)
    stop = 0
    for place in places:
        if place > stop:
            start = spelled.rfind(b" ", stop, place) + 1 or stop
            stop = spelled.find(b" ", place)
            stop = len(spelled) if stop < 0 else stop
            if stop - start >= least:
                yield start, stop


def words(data: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of every word of 20 characters and more; one behind an escape starts behind it, too."""
    for at, stop in runs(data, _IN_WORDS, SHORTEST_WORD):
        yield at, stop
        before = data[at - 1] if at else 0
        if before == 0x5C:  # a backslash: \nghp_..., \u003dghp_...
            yield at + (5 if data[at] == 0x75 else 1), stop
        elif before == 0x25:  # a percent sign: %3Dghp_...
            yield at + 2, stop


def token_places(data: bytes, regions: Iterable[tuple[int, int]] | None = None) -> Iterator[Found]:
    """The places of literals at words; of words that lie in `regions`, if given."""
    heads, tails = _tables()
    for start, stop in words(data) if regions is None else _words_in(data, regions):
        for literal, indexes in heads.get(data[start : start + _KEY], ()):
            if data.startswith(literal, start):
                yield from ((index, start) for index in indexes)
        for length, literal, indexes in tails.get(data[start - _KEY : start], ()) if start >= _KEY else ():
            at = start - length
            if at >= 0 and data.startswith(literal, at):
                yield from ((index, at) for index in indexes)
        if stop - start >= LONG_WORD:
            for offset, literal, indexes in OFFSETS:
                at = start + offset
                if at >= 0 and data.startswith(literal, at):
                    yield from ((index, at) for index in indexes)


def _words_in(data: bytes, regions: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for first, last in regions:
        yield from ((first + start, first + stop) for start, stop in words(data[first:last]))


@cache
def _tables() -> tuple[dict[bytes, Literals], dict[bytes, Tails]]:
    """Literals by what stands at the start of their word, and by what stands right before it."""
    heads: dict[bytes, Literals] = {}
    tails: dict[bytes, Tails] = {}
    for before, start, indexes in WORDS:
        if before:
            key = before[-_KEY:]
            tails[key] = (*tails.get(key, ()), (len(before), before + start, indexes))
        else:
            key = start[:_KEY]
            heads[key] = (*heads.get(key, ()), (start, indexes))
    return heads, tails


def plain_places(data: bytes, wanted: frozenset[int] | None = None) -> Iterator[Found]:
    """The places of literals that are searched for by themselves; of the detectors `wanted`, if given."""
    for literal, indexes in PLAIN:
        indexes = indexes if wanted is None else tuple(index for index in indexes if index in wanted)
        at = data.find(literal) if indexes else -1
        while at >= 0:
            for index in indexes:
                yield index, at
            at = data.find(literal, at + len(literal))
