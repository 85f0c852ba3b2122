"""Words of instructions: how BuildKit splits them, and what they expand to.

Three ways of splitting exist side by side: at blanks (FROM, COPY, EXPOSE ...), at blanks outside of
quotes (ENV, LABEL, ARG), and not at all (USER, WORKDIR ...). Expansion is the shell lexer's
(https://docs.docker.com/reference/dockerfile/#environment-replacement).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from dfguard.dockerfile.lexer import Demanded, Lexer, LexError, Lookup, Settings, TooLong, VariableUse
from dfguard.dockerfile.lines import BLANK, SPACE, Range
from dfguard.regex import regex
from dfguard.source import BOM
from dfguard.struct import Struct

_WORD = regex(f"[^{BLANK}]+")


class Expanded(Struct):
    """A word with quotes removed and variables replaced.

    `unknown` names the variables that it needs and that have no known value; each is empty in `value`.
    `error` is BuildKit's reason to refuse the word, "" mostly; `value` is the word as written then, and
    `error_at` the offset of the guilty quote or `$` (-1 where the word is only too long for us). `demanded`
    is the variable without a value when a `${name:?}` is the reason.
    """

    value: str
    unknown: tuple[str, ...] = ()
    error: str = ""
    error_at: int = -1
    demanded: str = ""


class Known(Struct):
    """What a word is; `needs` names an ARG without a value that was taken for empty, "" for none."""

    value: str
    needs: str = ""


def expand(
    raw: str,
    lookup: Lookup,
    escape: str = "\\",
    *,
    quotes: bool = True,
    given: Callable[[str], bool] = lambda name: False,
) -> Expanded:
    """Expand a word as BuildKit's shell lexer does.

    `lookup` gives the value of a variable, None when it has none. `given` says of a name without a
    value whether something outside of the file may set it: then `${name:-default}` is unknown too.
    `quotes=False` is the reading of heredoc bodies: quotes stay, variables are replaced.
    A byte that is no UTF-8 becomes U+FFFD and a byte order mark at the start is lost, as with BuildKit.
    """
    if not raw.isascii():
        raw = _stray_bytes().sub("\ufffd", raw.removeprefix(BOM))
    if "$" not in raw and escape not in raw and not (quotes and ("'" in raw or '"' in raw)):
        return Expanded(raw)
    lexer = Lexer(raw, lookup, Settings(escape=escape, quotes=quotes), given)
    try:
        value = lexer.run()
    except LexError as error:
        at = -1 if isinstance(error, TooLong) else error.at
        name = error.name if isinstance(error, Demanded) else ""
        return Expanded(raw, tuple(dict.fromkeys(lexer.missing)), error.reason, at, name)
    return Expanded(value, tuple(dict.fromkeys(lexer.missing)))


def variables(raw: str, escape: str = "\\", *, quotes: bool = True) -> tuple[VariableUse, ...]:
    """The variables that expansion of `raw` would look at, by their start; offsets count in `raw`.

    Nested ones (`${a:-$b}`) are listed too. What follows a syntax error is left out. `quotes=False` is
    the reading of heredoc bodies.
    """
    if "$" not in raw:
        return ()
    settings = Settings(escape=escape, keep_unset=True, quotes=quotes)
    lexer = Lexer(raw, lambda name: None, settings, lambda name: False)
    try:
        lexer.run()
    except LexError:
        return tuple(sorted(lexer.uses, key=_start))
    return tuple(sorted(lexer.uses, key=_start))


def _start(use: VariableUse) -> int:
    return use.start


def has_variable(raw: str, escape: str = "\\") -> bool:
    """Whether expansion of `raw` depends on a variable."""
    return "$" in raw and bool(variables(raw, escape))


def blank_words(text: str, start: int, end: int) -> list[Range]:
    """The words between blanks in `text[start:end]`; quotes have no meaning."""
    return [match.span() for match in _WORD.finditer(text, start, end)]


@lru_cache(maxsize=1)
def _stray_bytes() -> re.Pattern[str]:
    return re.compile("[\udc80-\udcff]")


@lru_cache(maxsize=4)
def _turning_points(escape: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(escape)}'\"{SPACE}]")


@lru_cache(maxsize=4)
def _inside_double(escape: str) -> re.Pattern[str]:
    return re.compile(f'[{re.escape(escape)}"]')


def quoted_words(text: str, start: int, end: int, escape: str) -> list[Range]:
    """The words of `text[start:end]` between blanks outside of quotes; an escape keeps the next character.

    Quotes may stand anywhere in a word and stay in it; one that is never closed reaches to the end.
    An escape as the very last character belongs to no word.
    """
    words: list[Range] = []
    point = _turning_points(escape)
    at, begin = start, -1
    while at < end:
        match = point.search(text, at, end)
        stop = match.start() if match else end
        if begin < 0 and stop > at:
            begin = at
        if match is None:
            break
        character = text[stop]
        if character in "'\"" or character == escape:
            begin = stop if begin < 0 else begin
            at, end = _over(text, stop, end, escape)
            continue
        if begin >= 0:
            words.append((begin, stop))
            begin = -1
        at = stop + 1
    if 0 <= begin < end:
        words.append((begin, end))
    return words


def _over(text: str, at: int, end: int, escape: str) -> Range:
    """Go over a quote or an escape at `at`: where to go on, and the end, less by a final escape."""
    character = text[at]
    if character == escape:
        return (at + 2, end) if at + 1 < end else (end - 1, end - 1)
    if character == "'":
        close = text.find("'", at + 1, end)
        return (end if close < 0 else close + 1), end
    inside = _inside_double(escape)
    at += 1
    while match := inside.search(text, at, end):
        if match[0] == '"':
            return match.end(), end
        if match.end() >= end:
            return end - 1, end - 1
        at = match.end() + 1
    return end, end
