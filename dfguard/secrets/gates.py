"""From a detector's pattern to one that Hyperscan reads and that matches wherever the first one does.

Hyperscan knows no look-arounds, and counts of hundreds make its automata large. Leaving both out
only adds matches; what it says is confirmed by the pattern itself.
"""

from __future__ import annotations

import re

from dfguard.regex import regex
from dfguard.secrets.places import LONG_WORD, SHORTEST_WORD

_MOST_COUNTED = 24
_NO_GROUPS = ("(?=", "(?!", "(?<=", "(?<!")
# Compiles in half the time that 24 take; a region ends SHORTEST_WORD further on, and has to show a LONG_WORD.
_MOST_AT_END = LONG_WORD - SHORTEST_WORD
# Of a token one match is enough, not one for every length of it.
_LAST_COUNT = regex(r"\{([0-9]+),[0-9]*\}((?:[)?]|=\{0,[0-9]\})*)\Z")
_COUNT = regex(r"\{([0-9]+)(?:,([0-9]+))?\}")


def gate_of(pattern: str) -> str:
    """The pattern without look-arounds, names of groups and high counts."""
    out: list[str] = []
    at = 0
    while at < len(pattern):
        if pattern[at] == "\\":
            out.append(pattern[at : at + 2])
            at += 2
        elif pattern.startswith(_NO_GROUPS, at):
            at = _end_of_group(pattern, at)
        elif pattern.startswith("(?P<", at):
            out.append("(?:")
            at = pattern.index(">", at) + 1
        elif pattern[at] == "[":
            end = _end_of_class(pattern, at)
            out.append(pattern[at:end])
            at = end
        else:
            out.append(pattern[at])
            at += 1
    return _LAST_COUNT.sub(_close_count, _COUNT.sub(_open_count, "".join(out)))


def _close_count(match: re.Match[str]) -> str:
    return f"{{{min(int(match[1]), _MOST_AT_END)}}}{match[2]}"


def _open_count(match: re.Match[str]) -> str:
    least, most = int(match[1]), int(match[2] or match[1])
    return match[0] if most <= _MOST_COUNTED else f"{{{min(least, _MOST_COUNTED)},}}"


def _end_of_class(pattern: str, at: int) -> int:
    at += 2 if pattern[at + 1] == "^" else 1
    while pattern[at] != "]":
        at += 2 if pattern[at] == "\\" else 1
    return at + 1


def _end_of_group(pattern: str, at: int) -> int:
    depth = 0
    while True:
        char = pattern[at]
        if char == "\\":
            at += 1
        elif char == "[":
            at = _end_of_class(pattern, at) - 1
        elif char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
