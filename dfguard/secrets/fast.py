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
from dfguard.secrets.contents import Gate, Regions
from dfguard.secrets.encoded import spellings
from dfguard.secrets.generated import CONTEXTS, DETECTORS, PLAIN, WORDS
from dfguard.secrets.places import LONGEST_TOKEN, SHORTEST_WORD

if TYPE_CHECKING:
    import hyperscan

_TOKENS, _NAMES, _SETTINGS, _ENCODED, _FIRST_PLAIN = 0, 1, 2, 3, 16
_MANY = 5000  # matches, of which all together are cheaper
_TAIL = 8  # characters of a word behind a literal

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
    rf"""(?im)^{_START}[a-z0-9_.-]*(?:{_SYLLABLES})[a-z0-9_.-]*=[^\s`#;(]""",
    rf"""{_NAME}{_QUOTE}{_SIGN}[A-Za-z]{{0,2}}\\?["'`]{_DRAWN}""",
    rf"""{_NAME}[ \t]*>[ \t]*[^\s"'`;,&<>(){{}}\[\]\\]*[0-9]""",
    rf"""{_NAME}{_QUOTE}{_SIGN}{_OPEN}{_LONG}""",
)
_FORMS_OF_SETTINGS = rf"""{_NAME}{_QUOTE}{_SIGN}{_OPEN}[^\s"'`;,&<>(){{}}\[\]\\]"""


@cache
def load() -> Callable[[bytes, bool], Gate] | None:
    """A gate by Hyperscan, None where it is not installed.

    It is called with data and whether that is from a file of settings.
    """
    try:
        import hyperscan
    except ImportError:
        return None
    names = [(form, _NAMES) for form in _names()]
    settings = (_FORMS_OF_SETTINGS.encode(), _SETTINGS)
    once = hyperscan.HS_FLAG_SINGLEMATCH
    spelled = [(re.escape(spelling), _ENCODED) for spelling in sorted(spellings())]
    tokens = list(_tokens())
    return _gate_of(
        _compiled([*tokens, *_plain(), *spelled, *names, settings], once),
        _compiled(tokens),
        _compiled(names),
        _compiled([*names, settings]),
        _compiled(spelled),
    )


def _compiled(patterns: list[tuple[bytes, int]], flags: int = 0) -> hyperscan.Database:
    import hyperscan

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    expressions, ids = zip(*patterns, strict=True)
    database.compile(expressions=list(expressions), ids=list(ids), flags=[flags] * len(patterns))
    return database


def _gate_of(
    everything: hyperscan.Database,
    tokens: hyperscan.Database,
    names: hyperscan.Database,
    settings: hyperscan.Database,
    spelled: hyperscan.Database,
) -> Callable[[bytes, bool], Gate]:
    nothing = Gate((), frozenset(), (), ())
    seen: list[int] = []

    def on_match(group: int, start: int, end: int, flags: int, context: Any) -> None:
        seen.append(group)

    def gate(data: bytes, of_settings: bool) -> Gate:
        seen.clear()
        everything.scan(data, match_event_handler=on_match)
        if not seen:
            return nothing
        groups = frozenset(seen)
        named: Regions = ()
        if of_settings and (_SETTINGS in groups or _NAMES in groups):
            named = _regions(settings, data, LONGEST_REACH, 0)
        elif _NAMES in groups:
            named = _regions(names, data, LONGEST_REACH, 0)
        return Gate(
            _regions(tokens, data, LONGEST_TOKEN, SHORTEST_WORD) if _TOKENS in groups else (),
            frozenset(group - _FIRST_PLAIN for group in groups if group >= _FIRST_PLAIN),
            named,
            tuple(_ends(spelled, data)) if _ENCODED in groups else (),
        )

    return gate


def _regions(database: hyperscan.Database, data: bytes, before: int, behind: int) -> Regions:
    """The places in which the beginnings of all matches stand."""
    ends = _ends(database, data)
    if len(ends) > _MANY:
        return ((0, len(data)),)
    joined: list[tuple[int, int]] = []
    for end in ends:
        start = max(0, end - before)
        if joined and start <= joined[-1][1]:
            start = joined.pop()[0]
        joined.append((start, min(len(data), end + behind)))
    return tuple(joined)


def _ends(database: hyperscan.Database, data: bytes) -> list[int]:
    ends: list[int] = []

    def on_match(group: int, start: int, end: int, flags: int, context: Any) -> None:
        ends.append(end)

    database.scan(data, match_event_handler=on_match)
    return sorted(ends)


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
            more = min(_TAIL, SHORTEST_WORD - len(start))
            yield re.escape(before + start) + b"[A-Za-z0-9_-]{%d}" % more, _TOKENS


def _plain() -> Iterator[tuple[bytes, int]]:
    """Patterns of all that is searched for by itself."""
    for index in sorted(_all_plain()):
        yield DETECTORS[index][6], _FIRST_PLAIN + index


def _all_plain() -> frozenset[int]:
    return frozenset(index for _, indexes in PLAIN for index in indexes)
