"""The part of Go's regular expressions that an ignore pattern can turn into, read into steps.

moby/patternmatcher rewrites a pattern into a Go regular expression without looking at brackets, so
`[a*]` becomes the class `[a[^/]`, repeated, and a literal `]`. To match what the builder matches,
that expression is read here by Go's own rules (https://pkg.go.dev/regexp/syntax). It has no nesting and
only one kind of group, but alternatives and counted repeats: `|`, `{` and `}` are not escaped.

Go reads a byte that is not UTF-8 as U+FFFD; here such bytes are surrogate escapes (PEP 383), so a
set that holds U+FFFD holds them too, and no other set does.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

from dfguard.struct import Struct

Ranges = tuple[tuple[int, int], ...]

MAX_REPEAT = 1000  # as in Go
MAX_STEPS = 100_000  # Go's limit is at 3 million, far beyond every path
LAST = 0x10FFFF
REPLACEMENT = 0xFFFD
SURROGATES = (0xD800, 0xDFFF)
ESCAPED_BYTES = (0xDC80, 0xDCFF)

# The kinds of a step.
ONE = "one"  # one character of the set
MAYBE = "maybe"  # one character of the set, or nothing
STAR = "star"  # any number of characters of the set
FOLDERS = "folders"  # `(.*/)?`: nothing, or any characters but line feeds up to and with a slash
START = "start"  # empty: at the start of the text
END = "end"  # empty: at the end of the text
WORD = "word"  # empty: between a word character and none (ASCII)
NOT_WORD = "not word"  # empty: anywhere else

_CONTROL = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_PERL: dict[str, Ranges] = {
    "d": ((0x30, 0x39),),
    "s": ((9, 10), (12, 13), (32, 32)),  # Go's \s has no vertical tab, Python's has
    "w": ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)),
}
_POSIX: dict[str, Ranges] = {
    "alnum": ((0x30, 0x39), (0x41, 0x5A), (0x61, 0x7A)),
    "alpha": ((0x41, 0x5A), (0x61, 0x7A)),
    "ascii": ((0, 0x7F),),
    "blank": ((9, 9), (32, 32)),
    "cntrl": ((0, 0x1F), (0x7F, 0x7F)),
    "digit": ((0x30, 0x39),),
    "graph": ((0x21, 0x7E),),
    "lower": ((0x61, 0x7A),),
    "print": ((0x20, 0x7E),),
    "punct": ((0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E)),
    "space": ((9, 13), (32, 32)),
    "upper": ((0x41, 0x5A),),
    "word": _PERL["w"],
    "xdigit": ((0x30, 0x39), (0x41, 0x46), (0x61, 0x66)),
}


class MalformedExpression(ValueError):
    """Go's regexp.Compile refuses the expression; the message says why."""


class Step(Struct):
    """One step: `kind` as above; `ranges` are the characters of ONE, MAYBE and STAR, sorted, both ends in."""

    kind: str
    ranges: Ranges = ()


def merged(ranges: Ranges) -> Ranges:
    """The same characters as sorted ranges that neither touch nor overlap."""
    out: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if out and low <= out[-1][1] + 1:
            out[-1] = (out[-1][0], max(out[-1][1], high))
        else:
            out.append((low, high))
    return tuple(out)


def negated(ranges: Ranges) -> Ranges:
    """All other characters up to U+10FFFF."""
    out, start = [], 0
    for low, high in merged(ranges):
        if low > start:
            out.append((start, low - 1))
        start = high + 1
    return (*out, (start, LAST)) if start <= LAST else tuple(out)


def holds(ranges: Ranges, code: int) -> bool:
    """Whether a sorted set has the character `code`."""
    at = bisect_right(ranges, (code, LAST + 1)) - 1
    return at >= 0 and ranges[at][0] <= code <= ranges[at][1]


def with_bad_bytes(ranges: Ranges) -> Ranges:
    """The set as it meets text with surrogate escapes: they stand for U+FFFD."""
    low, high = SURROGATES
    plain = [part for part in merged(ranges) if part[1] < low or part[0] > high]
    for start, end in merged(ranges):
        if start <= high and end >= low:
            plain += [(start, low - 1)] * (start < low) + [(high + 1, end)] * (end > high)
    if holds(merged(ranges), REPLACEMENT):
        plain.append(ESCAPED_BYTES)
    return merged(tuple(plain))


ANY = with_bad_bytes(((0, LAST),))
NOT_SLASH = with_bad_bytes(negated(((47, 47),)))
NOT_LINE_FEED = with_bad_bytes(negated(((10, 10),)))


Steps = tuple[Step, ...]


def read_alternatives(expression: str) -> tuple[Steps, ...]:
    """The alternatives of an expression, each as the steps that a whole text goes through.

    Raises MalformedExpression where Go would, and for more than MAX_STEPS steps.
    """
    reader = _Reader(expression)
    while reader.at < len(expression):
        reader.item()
    return tuple(_anchored([step for item in alternative for step in item]) for alternative in reader.alternatives)


def _anchored(steps: list[Step]) -> Steps:
    """Steps for the whole text: where the expression may start or end anywhere, so may they."""
    rest = Step(STAR, ANY)
    steps = steps[1:] if steps and steps[0].kind == START else [rest, *steps]
    return tuple(steps[:-1] if steps[-1:] and steps[-1].kind == END else [*steps, rest])


@lru_cache(maxsize=1024)
def _character(char: str) -> Step:
    """The step of one character; shared, as a long ignore file has millions of them."""
    return Step(ONE, with_bad_bytes(((ord(char),) * 2,)))


class _Reader:
    """A position in an expression, and the items before it: the steps that a `*` or `{2}` repeats."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.size = 0
        self.items: list[Steps] = []
        self.alternatives = [self.items]
        self.repeated = False

    def add(self, *steps: Step) -> None:
        self.size += len(steps)
        if self.size > MAX_STEPS:
            raise MalformedExpression("it is too large")
        self.items.append(steps)

    def one(self, ranges: Ranges) -> None:
        self.add(Step(ONE, with_bad_bytes(ranges)))

    def item(self) -> None:
        """Read what stands at this place."""
        text, char = self.text, self.text[self.at]
        count = _counted().match(text, self.at) if char == "{" else None
        was_repeated, self.repeated = self.repeated, False
        if count:
            self.at = count.end()
            self.repeat(count[1], count[2], was_repeated)
        elif char == "[":
            self.one(self.bracket())
        elif char == "\\":
            self.escape()
        else:
            self.at += len("(.*/)?") if char == "(" else 1
            self.plain(char)

    def plain(self, char: str) -> None:
        """An item that starts with a character which is neither a bracket nor a backslash."""
        if char == "^":
            self.add(Step(START))
        elif char == "$":
            self.add(Step(END))
        elif char == ".":
            self.add(Step(ONE, NOT_LINE_FEED))
        elif char == "(":
            self.add(Step(FOLDERS))
            self.repeated = True
        elif char == "*":
            self.items[-1] = (Step(STAR, self.items[-1][0].ranges),)
            self.repeated = True
        elif char == "|":
            self.items = []
            self.alternatives.append(self.items)
        else:
            self.add(_character(char))

    def repeat(self, least: str, most: str | None, was_repeated: bool) -> None:
        """`{least}` (most is None), `{least,}` (most is "") or `{least,most}` after an item."""
        low = int(least) if len(least) < 5 else MAX_REPEAT + 1
        high = low if most is None else None if most == "" else int(most) if len(most) < 5 else MAX_REPEAT + 1
        if low > MAX_REPEAT or (high is not None and not low <= high <= MAX_REPEAT):
            raise MalformedExpression("the numbers in `{}` are too large or in the wrong order")
        if was_repeated or not self.items:
            raise MalformedExpression("`{}` follows nothing that can be repeated")
        self.repeated = True
        item = self.items.pop()
        if item and not item[0].ranges and item[0].kind not in (ONE, FOLDERS):
            self.add(*item[: min(low, 1)])  # an empty step twice is the same as once
        elif high == low:
            self.add(*item * low)
        elif len(item) == 1 and item[0].kind == ONE:
            maybe = (Step(STAR, item[0].ranges),) if high is None else (Step(MAYBE, item[0].ranges),) * (high - low)
            self.add(*item * low, *maybe)
        else:
            raise MalformedExpression("repeats of repeats are not supported")

    def escape(self) -> None:
        """A backslash outside of a class."""
        char = self.text[self.at + 1 : self.at + 2]
        empty = {"A": START, "z": END, "b": WORD, "B": NOT_WORD}.get(char)
        if empty:
            self.add(Step(empty))
            self.at += 2
        elif char == "Q":
            quoted, _, _ = self.text[self.at + 2 :].partition("\\E")
            for literal in quoted:
                self.one(((ord(literal),) * 2,))
            self.at = min(len(self.text), self.at + len(quoted) + 4)
        else:
            group = self.group()
            self.one(group if group is not None else ((self.character(),) * 2,))

    def group(self) -> Ranges | None:
        """The set of a `\\d` or `\\pL` at this place; None when there is none."""
        text, char = self.text, self.text[self.at + 1 : self.at + 2]
        if char and char in "pP":
            end = text.find("}", self.at) if text.startswith("{", self.at + 2) else self.at + 2
            name = text[self.at + 2 : end + 1].strip("{}")
            inverse = name.startswith("^")
            self.at = end + 1
            ranges = _category(name[inverse:].capitalize())
            if end < 0 or not ranges:
                raise MalformedExpression(f"`\\{char}` is followed by no known class of characters")
            return negated(ranges) if inverse != (char == "P") else ranges
        if char and char.lower() in _PERL:
            self.at += 2
            ranges = _PERL[char.lower()]
            return negated(ranges) if char.isupper() else ranges
        return None

    def character(self) -> int:
        """The code of the plain or escaped character at this place."""
        text = self.text
        char = text[self.at]
        self.at += 1
        if char != "\\":
            return ord(char)
        char = text[self.at : self.at + 1]
        self.at += 1
        if char in _CONTROL:
            return _CONTROL[char]
        if char and char in "01234567":
            return self.octal(char)
        if char == "x":
            found = _hexadecimal().match(text, self.at)
            if found and int(found[1] or found[2], 16) <= LAST:
                self.at = found.end()
                return int(found[1] or found[2], 16)
        elif char and char.isascii() and not char.isalnum():
            return ord(char)
        raise MalformedExpression(f"`\\{char}` is no escape")

    def octal(self, first: str) -> int:
        digits = first
        while len(digits) < 3 and self.text[self.at : self.at + 1] and self.text[self.at] in "01234567":
            digits += self.text[self.at]
            self.at += 1
        if digits in "1234567":
            raise MalformedExpression(f"`\\{digits}` is no escape")
        return int(digits, 8)

    def bracket(self) -> Ranges:
        """The set of the class that opens at this place."""
        text, end = self.text, len(self.text)
        self.at += 1
        inverse = text.startswith("^", self.at)
        self.at += inverse
        ranges: list[tuple[int, int]] = []
        first = True
        while self.at >= end or text[self.at] != "]" or first:
            if self.at >= end:
                raise MalformedExpression("`[` is not closed")
            first = False
            ranges += self.member()
        self.at += 1
        return negated(tuple(ranges)) if inverse else tuple(ranges)

    def member(self) -> Ranges:
        """One member of a class: a named group, a character, or a range."""
        text = self.text
        if text.startswith("[:", self.at):
            end = text.find(":]", self.at + 2)
            if end >= 0:
                name = text[self.at + 2 : end]
                self.at = end + 2
                inverse = name.startswith("^")
                if name[inverse:] not in _POSIX:
                    raise MalformedExpression(f"`[:{name}:]` is no class of characters")
                return negated(_POSIX[name[inverse:]]) if inverse else _POSIX[name]
        if text[self.at] == "\\":
            group = self.group()
            if group is not None:
                return group
        low = high = self.character()
        if text.startswith("-", self.at) and text[self.at + 1 : self.at + 2] not in ("", "]"):
            self.at += 1
            high = self.character()
            if high < low:
                raise MalformedExpression("a range in `[...]` goes backwards")
        return ((low, high),)


@lru_cache(maxsize=40)
def _category(name: str) -> Ranges:
    """The characters of a Unicode category (`L`, `Lu`), of `Any` and `Ascii`; none for scripts."""
    from unicodedata import category

    if name in ("Any", "Ascii"):
        return ((0, LAST if name == "Any" else 0x7F),)
    if name[:1] not in tuple("CLMNPSZ") or len(name) > 2:
        return ()
    return merged(tuple((code, code) for code in range(LAST + 1) if category(chr(code)).startswith(name)))


@lru_cache(maxsize=1)
def _counted() -> re.Pattern[str]:
    return re.compile(r"\{(0|[1-9][0-9]*)(?:,(0|[1-9][0-9]*|))?\}")


@lru_cache(maxsize=1)
def _hexadecimal() -> re.Pattern[str]:
    return re.compile(r"\{0*([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{2})")
