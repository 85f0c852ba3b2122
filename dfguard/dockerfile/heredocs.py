"""Here-documents: which words of a line open one.

RUN, COPY and ADD may hold them, also behind ONBUILD, but not in JSON form
(https://docs.docker.com/reference/dockerfile/#here-documents). A blank between `<<` and the name is
allowed since BuildKit 0.22 (https://github.com/moby/buildkit/pull/5817).
"""

from __future__ import annotations

from dfguard.dockerfile.lexer import LexedWord, Lexer, LexError, Settings
from dfguard.regex import regex
from dfguard.struct import Struct

HOLDERS = ("run", "copy", "add")
_PLAIN_NAME = regex(r"[A-Za-z0-9_.-]+")
_FORM = regex(r"[0-9]*<<(-?)[\t\n\f\r ]*([^<]*)\Z")


class Opener(Struct):
    """A word such as `<<EOF` or `3<<-"EOF"`: `start` to `end` in the line, the name without quotes.

    `expand` is false when a part of the name is quoted, `chomp` is true for `<<-`.
    """

    start: int
    end: int
    name: str
    expand: bool
    chomp: bool


def find_openers(text: str) -> tuple[Opener, ...]:
    """The heredocs that a logical line opens, in order.

    There are none where BuildKit's lexer gives up on the line (quotes that don't close, `${x@Q}`):
    the lines below are instructions then. Raises LexError for a name that BuildKit refuses.
    """
    try:
        words = _lex(text, raw_quotes=True, raw_escapes=True)
    except LexError:
        return ()
    found = (read_opener(word.value, word.start, word.end) for word in words)
    return tuple(opener for opener in found if opener)


def read_opener(word: str, start: int = 0, end: int = 0) -> Opener | None:
    """The heredoc that a word opens, None when it opens none. Raises LexError for a bad name."""
    match = _FORM.match(word)
    if match is None or not match[2]:
        return None
    if _PLAIN_NAME.fullmatch(match[2]):
        return Opener(start, end, match[2], True, match[1] == "-")
    names = _lex(match[2])
    if len(names) != 1:
        return None
    quoted = _lex(match[2], raw_quotes=True)
    expand = bool(quoted) and _quotes(names[0].value) == _quotes(quoted[0].value)
    return Opener(start, end, names[0].value, expand, match[1] == "-")


def _lex(text: str, raw_quotes: bool = False, raw_escapes: bool = False) -> list[LexedWord]:
    settings = Settings(raw_quotes=raw_quotes, raw_escapes=raw_escapes, keep_unset=True)
    lexer = Lexer(text, lambda name: None, settings, lambda name: False)
    lexer.run()
    return lexer.words


def _quotes(text: str) -> int:
    return text.count("'") + text.count('"')
