"""Keyword, flags and arguments of a logical line.

As BuildKit's splitCommand does it: the keyword ends at the first blank, words that begin with `--`
are flags up to the first that does not or is `--` alone; quotes and escapes in flags are taken out.
BuildKit reads flags byte by byte, where 85 and A0 are blanks; characters beyond ASCII are kept whole here.
https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/split_command.go
"""

from __future__ import annotations

import re
from functools import lru_cache

from dfguard.dockerfile.lines import BLANK, Range, trim
from dfguard.regex import regex
from dfguard.struct import Struct

_FLAG_SPACE = "\t\n\v\f\r \udc85\udca0"  # the last two are bytes that belong to no character
_AFTER_KEYWORD = regex(f"[{BLANK}]+")
_FLAG_SPACES = regex(f"[{_FLAG_SPACE}]*")


class RawFlag(Struct):
    """A flag: `start` to `end` in the line, `text` without quotes, `equals` the place of its first `=` or -1."""

    start: int
    end: int
    text: str
    equals: int


class Command(Struct):
    """A line cut into parts; ranges count in the logical line, an empty `arguments` stands at its end."""

    keyword: Range
    flags: tuple[RawFlag, ...]
    arguments: Range


@lru_cache(maxsize=4)
def _plain_run(escape: str) -> re.Pattern[str]:
    return re.compile(f"[^{_FLAG_SPACE}'\"{re.escape(escape)}]+")


@lru_cache(maxsize=8)
def _quoted_run(quote: str, escape: str) -> re.Pattern[str]:
    return re.compile(f"[^{quote}{re.escape(escape)}]+")


def split_command(text: str, start: int, end: int, escape: str) -> Command:
    """Cut `text[start:end]` into keyword, flags and arguments."""
    start, end = trim(text, start, end)
    blank = _AFTER_KEYWORD.search(text, start, end)
    if blank is None:
        return Command((start, end), (), (end, end))
    flags, rest = _flags(text, blank.end(), end, escape)
    arguments = trim(text, rest, end)
    if arguments[0] == arguments[1]:
        arguments = (end, end)
    return Command((start, blank.start()), tuple(flags), arguments)


def _flags(text: str, at: int, end: int, escape: str) -> tuple[list[RawFlag], int]:
    flags: list[RawFlag] = []
    while True:
        spaces = _FLAG_SPACES.match(text, at, end)
        at = spaces.end() if spaces else at
        if not text.startswith("--", at, end):
            return flags, at
        flag = _flag(text, at, end, escape)
        if flag.text == "--":
            return flags, flag.end
        flags.append(flag)
        at = flag.end


def _flag(text: str, start: int, end: int, escape: str) -> RawFlag:
    """Read the flag at `start`; quotes join, an escape keeps the next character, inside of any quotes too."""
    parts: list[str] = []
    at, quote, equals = start, "", -1
    while at < end:
        run = (_quoted_run(quote, escape) if quote else _plain_run(escape)).match(text, at, end)
        if run:
            parts.append(run[0])
            if equals < 0 and "=" in run[0]:
                equals = at + run[0].index("=")
            at = run.end()
            continue
        character = text[at]
        if character == escape:
            following = text[at + 1 : min(at + 2, end)]
            equals = at + 1 if equals < 0 and following == "=" else equals
            parts.append(following)
            at += 1 + len(following)
            continue
        if not quote and character in _FLAG_SPACE:
            break
        quote = "" if quote else character
        at += 1
    return RawFlag(start, at, "".join(parts), equals)
