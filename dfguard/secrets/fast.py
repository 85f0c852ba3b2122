"""Hyperscan, where it is installed: one pass at 800 MB/s that says which searches are worth while.

`pip install 'dockerfile-guard[fast]'`. It only ever says "nothing of this kind is here"; what is there
is found and confirmed by the same code as without it, so that findings are the same. Every pattern
that it gets matches wherever the one behind it does (`gates`, `encoded.spellings`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Protocol

from dfguard.secrets.assignments import LONGEST_REACH, SYLLABLES
from dfguard.secrets.contents import NOTHING, OPEN, Gate, Regions
from dfguard.secrets.encoded import spellings
from dfguard.secrets.files.find import all_tellers
from dfguard.secrets.generated import CONTEXTS, DETECTORS, PLAIN, WORDS
from dfguard.secrets.places import LONGEST_TOKEN, SHORTEST_WORD

if TYPE_CHECKING:
    import hyperscan

_TOKENS, _NAMES, _ENCODED, _FIRST_PLAIN, _FIRST_TELLER = 0, 1, 2, 16, 4096

Text = tuple[bytes, bool, bool]
Seen = tuple[int, int]  # what matches, and where the match ends

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
# Ten characters and more with a digit, twenty and more with one. A loop without an end compiles in a tenth of the time.
_DRAWN = rf"(?:{_CHARACTER}{{0,8}}[0-9]{_CHARACTER}|{_CHARACTER}{{9,}}[0-9])"
_LONG = rf"(?:{_PLAIN}{{0,7}}[0-9]{_PLAIN}{{12}}|{_PLAIN}{{8,15}}[0-9]{_PLAIN}{{4}}|{_PLAIN}{{16,39}}[0-9])"
_START = r"""(?:(?:export|set|env|arg)[ \t]+|[ \t]*-[ \t]+["']?)?"""
_FORMS = (
    rf"""(?i)(?:^|\n){_START}[a-z0-9_.-]*(?:{_SYLLABLES})[a-z0-9_.-]*=[^\s`#;(]""",
    rf"""{_NAME}{_QUOTE}{_SIGN}[A-Za-z]{{0,2}}\\?["'`]{_DRAWN}""",
    rf"""{_NAME}[ \t]*>[ \t]*[^\s"'`;,&<>(){{}}\[\]\\]*[0-9]""",
    rf"""{_NAME}{_QUOTE}{_SIGN}{_OPEN}{_LONG}""",
)
_FORMS_OF_SETTINGS = rf"""{_NAME}{_QUOTE}{_SIGN}{_OPEN}[^\s"'`;,&<>(){{}}\[\]\\]"""


class Gates(Protocol):
    """What says of data, by whether it is from a file of settings and whether it is binary, what is worth while."""

    def __call__(self, data: bytes, of_settings: bool, binary: bool, /) -> Gate: ...

    def of_many(self, texts: Sequence[Text]) -> list[Gate]:
        """The gates of many small texts, each with whether it is of settings and whether it is binary.

        One call for all of them takes a third of the time; a gate may let pass more than that of a text alone.
        """


@cache
def load() -> Gates | None:
    """Gates by Hyperscan, None where it is not installed."""
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
    return _Gates(_compiled(found), _compiled([(_FORMS_OF_SETTINGS.encode(), _NAMES, 0)]))


def _compiled(patterns: list[tuple[bytes, int, int]]) -> hyperscan.Database:
    import hyperscan

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    expressions, ids, flags = zip(*patterns, strict=True)
    database.compile(expressions=list(expressions), ids=list(ids), flags=list(flags))
    return database


class _Gates:
    """One pass over the data; where it matches nearly everywhere, all is worth while."""

    def __init__(self, everything: hyperscan.Database, settings: hyperscan.Database) -> None:
        self._everything = everything
        self._settings = settings

    def __call__(self, data: bytes, of_settings: bool, binary: bool, /) -> Gate:
        seen = _seen(self._everything, data)
        more: list[Seen] | None = _seen(self._settings, data) if of_settings and not binary else []
        if seen is None or more is None:
            return OPEN
        return _gate_at(seen + more, len(data), binary) if seen or more else NOTHING

    def of_many(self, texts: Sequence[Text]) -> list[Gate]:
        settings = [text for text, of_settings, binary in texts if of_settings and not binary]
        seen = _seen_in_many(self._everything, [text for text, _, _ in texts])
        more = _seen_in_many(self._settings, settings)
        if seen is None or more is None:
            return [self(*text) for text in texts]
        places = iter(more)
        gates = []
        for (text, of_settings, binary), here in zip(texts, seen, strict=True):
            if of_settings and not binary:
                here += next(places)
            gates.append(_gate_at(here, len(text), binary) if here else NOTHING)
        return gates


def _seen(database: hyperscan.Database, data: bytes) -> list[Seen] | None:
    """All matches in data, None where there are too many of them."""
    from hyperscan import ScanTerminated

    seen: list[Seen] = []

    def on_match(group: int, start: int, end: int, flags: int, most: Any) -> bool:
        seen.append((group, end))
        return bool(len(seen) > most)

    try:
        database.scan(data, match_event_handler=on_match, context=_MANY + len(data) // _DENSE)
    except ScanTerminated:
        return None
    return seen


def _seen_in_many(database: hyperscan.Database, texts: list[bytes]) -> list[list[Seen]] | None:
    """The matches in each of the texts, which are looked at as lines of one: no pattern knows more of a border.

    A match over a border counts for the text in which it ends. Of what is told once only, the texts behind the first
    are asked for the literal itself.
    """
    found: list[list[Seen]] = [[] for _ in texts]
    seen = _seen(database, b"\n".join(texts)) if texts else []
    if not seen:
        return found if seen is not None else None
    ends = list(accumulate(len(text) + 1 for text in texts))
    for group, end in seen:
        number = bisect_left(ends, end)
        at = min(end - ends[number] + len(texts[number]) + 1, len(texts[number]))
        found[number].append((group, at))
        if group >= _FIRST_PLAIN:
            for later in range(number + 1, len(texts)):
                if any(literal in texts[later] for literal in _literals(group)):
                    found[later].append((group, len(texts[later])))
    return found


@cache
def _literals(group: int) -> tuple[bytes, ...]:
    """One of these stands in each match of what is told once only."""
    if group >= _FIRST_TELLER:
        return (_tellers()[group - _FIRST_TELLER],)
    return tuple(literal for literal, indexes in PLAIN if group - _FIRST_PLAIN in indexes)


def _gate_at(seen: list[Seen], size: int, binary: bool) -> Gate:
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
