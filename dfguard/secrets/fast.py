"""Hyperscan, where it is installed: one pass at 800 MB/s that says which searches are worth while.

`pip install 'dockerfile-guard[fast]'`. It only ever says "nothing of this kind is here"; what is there
is found and confirmed by the same code as without it, so that findings are the same. Every pattern
that it gets matches wherever the one behind it does (`gates`, `encoded.spellings`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from dfguard.secrets.assignments import LONGEST_REACH, SYLLABLES
from dfguard.secrets.contents import NOTHING, OPEN, Gate, Regions
from dfguard.secrets.encoded import spellings
from dfguard.secrets.files.find import all_tellers
from dfguard.secrets.generated import CONTEXTS, DETECTORS, PLAIN, WORDS
from dfguard.secrets.places import LONGEST_TOKEN, SHORTEST_WORD

if TYPE_CHECKING:
    import hyperscan

_TOKENS, _NAMES, _ENCODED, _FIRST_PLAIN, _FIRST_TELLER = 0, 1, 2, 16, 4096
# More matches than this, and one for so many bytes, and to search everything is cheaper.
_MANY, _DENSE = 5000, 100
_TELLING = 5  # characters of a literal that is looked for alone, which takes less time than with what follows
_TAIL = 8  # characters of a word behind a shorter one

# The forms of `assignments`, wider: names without an end, and the first characters of values.
_SYLLABLES = "|".join(syllable.decode() for syllable in SYLLABLES)
_NAME = rf"(?i:{_SYLLABLES})[A-Za-z0-9_.-]*"
_QUOTE = r"""["'`\\\]]{0,3}"""
_SIGN = r"""[ \t]*(?::=|=>|[:=,>]|value[ \t]?=)[ \t]*"""
_OPEN = r"""[A-Za-z]{0,2}["'`\\]{0,3}"""
_CHARACTER, _PLAIN = r"""[^"'`\s\\]""", "[A-Za-z0-9+/_~.=-]"
# Ten characters and more with a digit, twenty and more with one.
_DRAWN = rf"(?:{_CHARACTER}{{0,8}}[0-9]{_CHARACTER}|{_CHARACTER}{{9,255}}[0-9])"
_LONG = rf"(?:{_PLAIN}{{0,7}}[0-9]{_PLAIN}{{12}}|{_PLAIN}{{8,15}}[0-9]{_PLAIN}{{4}}|{_PLAIN}{{16,39}}[0-9])"
_START = r"""(?:(?:export|set|env|arg)[ \t]+|[ \t]*-[ \t]+["']?)?"""
_FORMS = (
    rf"""(?i)(?:^|\n){_START}[a-z0-9_.-]*(?:{_SYLLABLES})[a-z0-9_.-]*=[^\s`#;(]""",
    rf"""{_NAME}{_QUOTE}{_SIGN}[A-Za-z]{{0,2}}\\?["'`]{_DRAWN}""",
    rf"""{_NAME}[ \t]*>[ \t]*[^\s"'`;,&<>(){{}}\[\]\\]*[0-9]""",
    rf"""{_NAME}{_QUOTE}{_SIGN}{_OPEN}{_LONG}""",
)
_FORMS_OF_SETTINGS = rf"""{_NAME}{_QUOTE}{_SIGN}{_OPEN}[^\s"'`;,&<>(){{}}\[\]\\]"""


@cache
def load() -> Callable[[bytes, bool, bool], Gate] | None:
    """A gate by Hyperscan, None where it is not installed.

    It is called with data, whether that is from a file of settings, and whether it is binary.
    """
    try:
        import hyperscan
    except ImportError:
        return None
    once = hyperscan.HS_FLAG_SINGLEMATCH
    found = [(pattern, group, 0) for pattern, group in _tokens()]
    found += ((pattern, group, once) for pattern, group in _plain())
    found += ((re.escape(mark), _FIRST_TELLER + place, once) for place, mark in enumerate(_tellers()))
    found += ((re.escape(spelling), _ENCODED, 0) for spelling in sorted(spellings()))
    found += ((pattern, _NAMES, 0) for pattern in _names())
    return _gate_of(_compiled(found), _compiled([(_FORMS_OF_SETTINGS.encode(), _NAMES, 0)]))


def _compiled(patterns: list[tuple[bytes, int, int]]) -> hyperscan.Database:
    import hyperscan

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    expressions, ids, flags = zip(*patterns, strict=True)
    database.compile(expressions=list(expressions), ids=list(ids), flags=list(flags))
    return database


def _gate_of(everything: hyperscan.Database, settings: hyperscan.Database) -> Callable[[bytes, bool, bool], Gate]:
    """One pass over the data; where it matches nearly everywhere, all is worth while."""
    from hyperscan import ScanTerminated

    seen: list[tuple[int, int]] = []

    def on_match(group: int, start: int, end: int, flags: int, most: Any) -> bool:
        seen.append((group, end))
        return bool(len(seen) > most)

    def gate(data: bytes, of_settings: bool, binary: bool) -> Gate:
        seen.clear()
        most = _MANY + len(data) // _DENSE
        try:
            everything.scan(data, match_event_handler=on_match, context=most)
            if of_settings and not binary:
                settings.scan(data, match_event_handler=on_match, context=most)
        except ScanTerminated:
            return OPEN
        return _gate_at(seen, len(data), binary) if seen else NOTHING

    return gate


def _gate_at(seen: list[tuple[int, int]], size: int, binary: bool) -> Gate:
    ends: dict[int, list[int]] = {_TOKENS: [], _NAMES: [], _ENCODED: []}
    plain, tellers = set(), set()
    for group, end in seen:
        if group >= _FIRST_TELLER:
            tellers.add(_tellers()[group - _FIRST_TELLER])
        elif group >= _FIRST_PLAIN:
            plain.add(group - _FIRST_PLAIN)
        else:
            ends[group].append(end)
    return Gate(
        _regions(ends[_TOKENS], size, LONGEST_TOKEN, SHORTEST_WORD),
        frozenset(plain),
        () if binary else _regions(ends[_NAMES], size, LONGEST_REACH, 0),
        () if binary else tuple(sorted(ends[_ENCODED])),
        frozenset(tellers),
    )


@cache
def _tellers() -> tuple[bytes, ...]:
    return tuple(sorted(all_tellers()))


def _regions(ends: list[int], size: int, before: int, behind: int) -> Regions:
    """The places in which the beginnings of all matches stand."""
    joined: list[tuple[int, int]] = []
    for end in sorted(ends):
        start = max(0, end - before)
        if joined and start <= joined[-1][1]:
            start = joined.pop()[0]
        joined.append((start, min(size, end + behind)))
    return tuple(joined)


def _names() -> Iterator[bytes]:
    yield from (form.encode() for form in _FORMS)
    yield from (row[8] for row in CONTEXTS if row[8])


def _tokens() -> Iterator[tuple[bytes, int]]:
    """Patterns of all that stands at words."""
    plain = _all_plain()
    for index, row in enumerate(DETECTORS):
        if row[6] and index not in plain:
            yield row[6], _TOKENS
    for before, start, indexes in WORDS:
        if any(not DETECTORS[index][6] for index in indexes):
            literal = re.escape(before + start)
            telling = len(before + start) >= _TELLING
            more = min(_TAIL, SHORTEST_WORD - len(start))
            yield literal if telling else literal + b"[A-Za-z0-9_-]{%d}" % more, _TOKENS


def _plain() -> Iterator[tuple[bytes, int]]:
    """Patterns of all that is searched for by itself."""
    for index in sorted(_all_plain()):
        yield DETECTORS[index][6], _FIRST_PLAIN + index


def _all_plain() -> frozenset[int]:
    return frozenset(index for _, indexes in PLAIN for index in indexes)
