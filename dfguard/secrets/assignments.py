"""Names of credentials and the values they are given, in whatever language: `name = value` in all its forms.

Found from the few syllables that all names of credentials have; what the name promises and the value
keeps is judged by the contexts of detectors.toml and by `values`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from dfguard.struct import Struct

SYLLABLES = (b"pass", b"secret", b"token", b"key", b"pwd", b"psw", b"pword", b"cred", b"auth")
# From a syllable to the 20th character of its value, or to the first digit of one that `looks_drawn`.
LONGEST_REACH = 400
# One of these makes a form: a whole line (`export NAME=value`), a quoted value, the text of a tag, the rest.
LINE, QUOTED, TAG, BARE = "line", "quoted", "tag", "bare"

_NAME = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
_LONGEST_NAME = 100
_LONGEST_INDENT = 160
_SIGN = (
    rb"(?P<rest>[A-Za-z0-9_.-]{0,60})(?P<quote>\\?[\"'`]\]?)?[ \t]{0,12}(?P<sign>:=|=>|[:=>,]|value[ \t]?=)[ \t]{0,12}"
)
_VALUE = (
    rb"[A-Za-z]{0,2}\\?(?P<open>[\"'`])(?P<quoted>[^\"'`\s\\]{1,4096})\\?(?P=open)"
    rb"|(?P<bare>[^\s\"'`;,&<>(){}\[\]\\]{1,4096})"
)
_LINE = (
    rb"(?:(?:export|set|ENV|ARG)[ \t]{1,4}|[ \t]{0,40}-[ \t]{1,4}[\"']?)?(?P<name>[A-Za-z_][A-Za-z0-9_.-]{0,99})="
    rb"(?P<value>\"[^\"\r\n]{1,1000}\"|'[^'\r\n]{1,1000}'|[^\s\"'`#;]{1,1000})[\"']?(?=[ \t]{0,40}(?:[\r\n#]|\Z))"
)


class Assignment(Struct):
    """A name and the value that it is given: `start` and `end` of the value, quotes left out.

    `at` is where the name starts, `form` one of LINE, QUOTED, TAG, BARE.
    """

    name: str
    at: int
    start: int
    end: int
    form: str


@cache
def _patterns() -> tuple[re.Pattern[bytes], re.Pattern[bytes], re.Pattern[bytes]]:
    return re.compile(_SIGN), re.compile(_VALUE), re.compile(_LINE)


def assignments(
    data: bytes,
    regions: Iterable[tuple[int, int]] | None = None,
    telling: Callable[[str], bool] = lambda name: True,
) -> Iterator[Assignment]:
    """All assignments to names that hold a syllable of a credential; each value once.

    `regions` are the places where such names may stand, all of the data unless given. `telling` says of a
    name whether its value is worth a look. Time is linear: every syllable looks at a bounded piece.
    """
    sign = _patterns()[0]
    seen: set[int] = set()
    for first, last in ((0, len(data)),) if regions is None else regions:
        lowered = data[first:last].lower()
        for syllable in SYLLABLES:
            length = len(syllable)
            at = lowered.find(syllable)
            while at >= 0:
                match = sign.match(data, first + at + length)
                if match is not None:
                    found = _assignment(data, first + at, match, telling)
                    if found is not None and found.start not in seen:
                        seen.add(found.start)
                        yield found
                at = lowered.find(syllable, at + length)


def _assignment(data: bytes, at: int, sign: re.Match[bytes], telling: Callable[[str], bool]) -> Assignment | None:
    before = data[max(0, at - _LONGEST_NAME) : at]
    start = at - (len(before) - len(before.rstrip(_NAME)))
    end = sign.end("rest")
    whole_name = data[start:end].decode("ascii")
    name = whole_name.strip(".-")
    if not telling(name) and (name == whole_name or not telling(whole_name)):
        return None
    if sign["sign"] == b"=" and sign.end() == end + 1:
        whole = _of_line(data, start)
        if whole is not None:
            return whole
    value = _patterns()[1].match(data, sign.end())
    if value is None:
        return None
    quoted = value["quoted"] is not None
    if not quoted and data[value.end() : value.end() + 1] in (b"(", b"[", b"{"):
        return None  # code, or a variable
    form = QUOTED if quoted else BARE
    if sign["sign"] == b">":
        form = TAG
        if quoted or data[value.end() : value.end() + 2] != b"</":
            return None
    elif sign["sign"] == b"," and not (quoted and data[start - 2 : start - 1] == b"("):
        return None  # only of calls: define('NAME', 'value')
    return Assignment(name, start, *value.span("quoted" if quoted else "bare"), form)


def _of_line(data: bytes, start: int) -> Assignment | None:
    """The assignment when it is all of its line, as in environment files."""
    line_start = data.rfind(b"\n", max(0, start - _LONGEST_INDENT), start) + 1
    if not line_start and start > _LONGEST_INDENT:
        return None
    match = _patterns()[2].match(data, line_start)
    if match is None or match.start("name") != start:
        return None
    first, last = match.span("value")
    if data[first] in b"\"'" and last - first > 1:
        first, last = first + 1, last - 1
    return Assignment(match["name"].decode("ascii"), start, first, last, LINE)
