"""`${NAME...}`: its parts, and what a known value becomes.

POSIX.1-2024, Shell Command Language, 2.6.2; bash(1), Parameter Expansion, for `/`, `^`, `,` and substrings.
"""

from __future__ import annotations

import re
from functools import lru_cache

from dfguard.regex import regex
from dfguard.struct import Struct

MAX_MATCHED = 500  # characters of a value, or of a pattern, that patterns are tried on
_NOT_PLAIN = "[\\'\"()"  # brackets and quotes in a pattern

_HEAD = regex(r"\$\{(#?)([A-Za-z_]\w*)(:?[-=+?]|%%?|##?|//?|\^\^?|,,?|:)?", re.ASCII)
_TOKEN = regex(r"""\\.|'[^']*'|\$\(|[`"{}]""", re.DOTALL)
_SUBSTRING = regex(r"\s*(\d+|\s-\d+)\s*(?::\s*(\d+)\s*)?\Z")


class Expansion(Struct):
    """`${name operator operand}`; `length` for `${#name}`; `end` is the offset behind the closing brace."""

    name: str
    operator: str
    operand: str
    length: bool
    end: int


def read_expansion(word: str, at: int) -> Expansion | None:
    """The expansion whose `$` is at `at`; None when it is none, or holds what only a running shell knows."""
    head = _HEAD.match(word, at)
    end = _closing(word, head.end()) if head else None
    if head is None or end is None:
        return None
    operand = word[head.end() : end]
    if (head[1] or head[3] is None) and (operand or (head[1] and head[3])):
        return None
    return Expansion(head[2], head[3] or "", operand, bool(head[1]), end + 1)


def _closing(word: str, at: int) -> int | None:
    """Where the brace closes that is open at `at`."""
    depth = 1
    for token in _TOKEN.finditer(word, at):
        if token[0] in ("`", "$("):
            return None
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if not depth:
            return token.start()
    return None


def changed(value: str, operator: str, operand: str) -> str | None:
    """What `${V%operand}` and the like make of a value; None where that is not known.

    `operand` is the pattern, or what else stands behind the operator, with variables substituted.
    """
    if operator in ("^", "^^", ",", ",,"):
        if operand:
            return None
        change = str.upper if operator[0] == "^" else str.lower
        return change(value) if len(operator) == 2 else change(value[:1]) + value[1:]
    if operator == ":":
        return _substring(value, operand)
    if len(value) > MAX_MATCHED or len(operand) > MAX_MATCHED:
        return None
    if operator[0] == "/":
        return _replaced(value, operator, operand)
    if any(sign in operand for sign in _NOT_PLAIN):
        return None
    if operator[0] == "#":
        found = _ends(value, operand)
        return value[_length(found, longest=operator == "##") :]
    found = _ends(value[::-1], operand[::-1])
    return value[: len(value) - _length(found, longest=operator == "%%")]


def _substring(value: str, operand: str) -> str | None:
    match = _SUBSTRING.match(operand)
    if not match:
        return None
    start = int(match[1])
    if start < -len(value):
        return ""
    rest = value[start:]
    return rest if match[2] is None else rest[: int(match[2])]


def _ends(value: str, pattern: str) -> int:
    """Where a match of a shell pattern from the beginning of a value may end: bit n for n characters."""
    all_bits = (1 << (len(value) + 1)) - 1
    places = {sign: sum(1 << at for at, other in enumerate(value) if other == sign) for sign in set(pattern)}
    reached = 1
    for sign in pattern:
        if sign == "*":
            reached = all_bits ^ ((reached & -reached) - 1) if reached else 0
        else:
            reached = ((reached if sign == "?" else reached & places[sign]) << 1) & all_bits
    return reached


def _length(found: int, *, longest: bool) -> int:
    """The shortest or longest of the lengths in a set of bits; 0 for none."""
    return max(0, (found if longest else found & -found).bit_length() - 1)


def _replaced(value: str, operator: str, operand: str) -> str | None:
    text, _, new = operand.partition("/")
    anchor = text[:1] if operator == "/" and text[:1] in "#%" else ""
    pattern = _pattern(text[len(anchor) :])
    if pattern is None or "\\" in operand or "&" in new or not text[len(anchor) :]:
        return None
    if anchor:
        source = rf"\A(?:{pattern.pattern})" if anchor == "#" else rf"(?:{pattern.pattern})\Z"
        pattern = re.compile(source, re.DOTALL)
    return pattern.sub(lambda _: new, value, count=0 if operator == "//" else 1)


@lru_cache(maxsize=64)
def _pattern(text: str) -> re.Pattern[str] | None:
    """A shell pattern of plain characters, `?` and one `*`; None for others."""
    if any(sign in text for sign in _NOT_PLAIN) or text.count("*") > 1:
        return None
    parts = (".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in text)
    return re.compile("".join(parts), re.DOTALL)
