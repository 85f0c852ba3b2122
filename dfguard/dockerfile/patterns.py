"""The patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/text}`.

`?` is one character, `*` any number of them, `\\` takes the meaning from `*`, `?` and `\\`; there are no
character classes (https://docs.docker.com/reference/dockerfile/#environment-replacement). BuildKit
turns them into regular expressions; they are matched here piece by piece, in bounded time.
"""

from __future__ import annotations

import re
from functools import lru_cache

from dfguard.source import BOM

_MAX_WORK = 4_000_000  # characters of value times characters of pattern
_ANY = None

Piece = list[str | None]


class BadPattern(ValueError):
    """The pattern holds an escape that BuildKit refuses."""


class TooLong(BadPattern):
    """The pattern would take too long to match, or the text grows too long."""


def trim_prefix(value: str, pattern: str, longest: bool) -> str:
    """`value` without the shortest or longest start that `pattern` matches. Raises BadPattern."""
    end = _prefix_end(value, _pieces(pattern, len(value)), longest)
    return value if end is None else value[end:]


def trim_suffix(value: str, pattern: str, longest: bool) -> str:
    """`value` without the shortest or longest end that `pattern` matches. Raises BadPattern."""
    return trim_prefix(value[::-1], _reversed(pattern), longest)[::-1]


def _reversed(pattern: str) -> str:
    """A pattern read from its end, escaped characters kept together (a backslash at the end escapes another then)."""
    return "".join(reversed(_units().findall(pattern)))


def replace(value: str, pattern: str, text: str, everywhere: bool, most: int) -> str:
    """`value` with the first match of `pattern`, or with every one, replaced by `text`.

    With `everywhere`, `$0` in the text is the match, `$$` a dollar and any other `$name` nothing: BuildKit
    leaves it to a function that takes a template. Raises BadPattern, also when `most` characters of
    replacements are not enough.
    """
    pieces = _pieces(pattern, len(value))
    template = everywhere and "$" in text
    parts: list[str] = []
    at = 0
    while (match := _search(value, pieces, at)) is not None:
        start, end = match
        filled = _filled(text, value[start:end], most) if template else text
        most -= len(filled)
        if most < 0:
            raise TooLong("the text grows too long")
        parts += (value[at:start], filled)
        at = end
        if end == start:
            parts.append(value[at : at + 1])
            at += 1
        if not everywhere or at > len(value):
            break
        if at == len(value) and start != end:
            break
    return "".join([*parts, value[at:]])


@lru_cache(maxsize=1)
def _units() -> re.Pattern[str]:
    return re.compile(r"\\.|.", re.DOTALL)


@lru_cache(maxsize=1)
def _references() -> re.Pattern[str]:
    return re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")


def _filled(template: str, match: str, most: int) -> str:
    """Go's Regexp.Expand for a regular expression without groups (https://pkg.go.dev/regexp#Regexp.Expand)."""
    if template.count("$") * len(match) > most:
        raise TooLong("the text grows too long")

    def one(found: re.Match[str]) -> str:
        if found[1]:
            return "$"
        return match if (found[2] or found[3]) == "0" else ""

    return _references().sub(one, template)


def _pieces(pattern: str, length: int) -> list[Piece]:
    """What stands between the stars; `_ANY` in a piece is a `?`."""
    if len(pattern) * length > _MAX_WORK:
        raise TooLong("the pattern is too long")
    pieces: list[Piece] = [[]]
    pattern = pattern.removeprefix(BOM)  # as Go's text/scanner has it
    characters = iter(enumerate(pattern))
    for at, character in characters:
        if character == "*":
            pieces.append([])
        elif character == "?":
            pieces[-1].append(_ANY)
        elif character == "\\":
            following = pattern[at + 1 : at + 2]
            if following in ("}", "/"):
                continue
            if following not in ("*", "?", "\\"):
                raise BadPattern(f"invalid escape \\{following}")
            next(characters)
            pieces[-1].append(following)
        else:
            pieces[-1].append(character)
    return pieces


def _matches(value: str, piece: Piece, at: int) -> bool:
    if at + len(piece) > len(value):
        return False
    return all(want is _ANY or want == value[at + k] for k, want in enumerate(piece))


def _find(value: str, piece: Piece, start: int) -> int | None:
    """The first place from `start` on where a piece stands."""
    literal = [want for want in piece if want is not _ANY]
    if len(literal) == len(piece):
        at = value.find("".join(literal), start)
        return None if at < 0 else at
    return next((at for at in range(start, len(value) - len(piece) + 1) if _matches(value, piece, at)), None)


def _find_last(value: str, piece: Piece, start: int) -> int | None:
    places = range(len(value) - len(piece), start - 1, -1)
    return next((at for at in places if _matches(value, piece, at)), None)


def _prefix_end(value: str, pieces: list[Piece], longest: bool, start: int = 0) -> int | None:
    """Where a match that begins at `start` ends, the first such place or the last one."""
    if not _matches(value, pieces[0], start):
        return None
    at = start + len(pieces[0])
    for number, piece in enumerate(pieces[1:], 1):
        last = longest and number == len(pieces) - 1
        found = _find_last(value, piece, at) if last else _find(value, piece, at)
        if found is None:
            return None
        at = found + len(piece)
    return at


def _search(value: str, pieces: list[Piece], start: int) -> tuple[int, int] | None:
    """The leftmost and then longest match from `start` on; if the first place fails, so do all later ones."""
    at = _find(value, pieces[0], start)
    if at is None:
        return None
    end = _prefix_end(value, pieces, True, at)
    return None if end is None else (at, end)
