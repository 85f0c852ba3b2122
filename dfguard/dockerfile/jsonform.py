"""The JSON (exec) form of an instruction: `["program", "argument"]`.

BuildKit takes it when the whole text is a JSON array of strings. Other arrays of valid JSON are
refused; anything else silently is shell text or words
(https://docs.docker.com/reference/dockerfile/#exec-form).
"""

from __future__ import annotations

from dfguard.dockerfile.lines import SPACE
from dfguard.regex import regex
from dfguard.struct import Struct

_JSON_SPACE = " \t\r\n"
_PLAIN = regex(r'[^"\\\x00-\x1f]*')
_NUMBER = regex(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_HEX = regex(r"[0-9a-fA-F]{4}")
_LITERALS = ("true", "false", "null")
_ESCAPED = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_MAX_DEPTH = 10_000  # encoding/json gives up there


class JsonString(Struct):
    """A string of the array: `start` and `end` with the quotes, `value` decoded."""

    start: int
    end: int
    value: str


class NotJson(Exception):
    """The text is no JSON array; `at` is the offset where it stops being one, `reason` says why."""

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(reason)
        self.at = at
        self.reason = reason


class NotStrings(Exception):
    """The text is a JSON array, but holds other things than strings; `start` to `end` is the first."""

    def __init__(self, start: int, end: int) -> None:
        super().__init__("a JSON array of other things than strings")
        self.start = start
        self.end = end


def read_array(text: str, start: int, end: int) -> tuple[JsonString, ...]:
    """The strings of the JSON array that `text[start:end]` is.

    Raises NotJson for anything but a JSON array, NotStrings for one with other elements.
    """
    start += len(text[start:end]) - len(text[start:end].lstrip(SPACE))
    if not text.startswith("[", start, end):
        raise NotJson(start, "does not start with [")
    strings, other, at = _elements(text, start, end)
    rest = _skip(text, at, end)
    if rest != end:
        raise NotJson(rest, "text behind the closing bracket")
    if other:
        raise NotStrings(*other)
    return tuple(strings)


def _elements(text: str, start: int, end: int) -> tuple[list[JsonString], tuple[int, int] | None, int]:
    strings: list[JsonString] = []
    other: tuple[int, int] | None = None
    at = _skip(text, start + 1, end)
    if text.startswith("]", at, end):
        return strings, None, at + 1
    while True:
        if text.startswith('"', at, end):
            value, stop = _string(text, at, end)
            strings.append(JsonString(at, stop, value))
        else:
            stop = _value(text, at, end)
            other = other or (at, stop)
        at = _skip(text, stop, end)
        if text.startswith("]", at, end):
            return strings, other, at + 1
        if not text.startswith(",", at, end):
            raise NotJson(at, "a comma or ] is missing" if at < end else "the closing ] is missing")
        at = _skip(text, at + 1, end)
        if text.startswith("]", at, end):
            raise NotJson(at, "a comma before the closing ]")


def _skip(text: str, at: int, end: int) -> int:
    while at < end and text[at] in _JSON_SPACE:
        at += 1
    return at


def _string(text: str, at: int, end: int) -> tuple[str, int]:
    """The value and the end of the string that opens at `at`."""
    parts: list[str] = []
    opening, at = at, at + 1
    while True:
        plain = _PLAIN.match(text, at, end)
        assert plain is not None
        parts.append(plain[0])
        at = plain.end()
        if at >= end:
            raise NotJson(opening, "the closing quote is missing")
        if text[at] == '"':
            return "".join(parts), at + 1
        if text[at] != "\\":
            raise NotJson(at, "a control character inside a string")
        value, at = _escape(text, at, end)
        parts.append(value)


def _escape(text: str, at: int, end: int) -> tuple[str, int]:
    letter = text[at + 1 : min(at + 2, end)]
    if letter in _ESCAPED:
        return _ESCAPED[letter], at + 2
    code = _code(text, at, end)
    if code is None:
        raise NotJson(at, "a single \\ inside a string: JSON wants \\\\")
    if 0xD800 <= code < 0xDC00:
        low = _code(text, at + 6, end)
        if low is not None and 0xDC00 <= low < 0xE000:
            return chr(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)), at + 12
    return "\ufffd" if 0xD800 <= code < 0xE000 else chr(code), at + 6


def _code(text: str, at: int, end: int) -> int | None:
    if not text.startswith("\\u", at, end):
        return None
    digits = _HEX.match(text, at + 2, end)
    return int(digits[0], 16) if digits else None


def _value(text: str, at: int, end: int) -> int:
    """The end of the JSON value at `at` that is no string: validated, not decoded."""
    if at < end and text[at] in "[{":
        return _nested(text, at, end)
    for literal in _LITERALS:
        if text.startswith(literal, at, end):
            return at + len(literal)
    number = _NUMBER.match(text, at, end)
    # Go reports a number that float64 can't hold as an error of its own: no array then.
    if number and abs(float(number[0])) != float("inf"):
        return number.end()
    if text.startswith("'", at, end):
        raise NotJson(at, "single quotes: JSON wants double quotes")
    raise NotJson(at, "a string in double quotes is missing")


def _nested(text: str, at: int, end: int) -> int:
    """The end of the array or object at `at`, without recursion: `open_` holds the brackets to close."""
    open_: list[str] = []
    while True:
        at = _skip(text, at, end)
        if at < end and text[at] in "[{":
            open_.append("]" if text[at] == "[" else "}")
            if len(open_) >= _MAX_DEPTH:
                raise NotJson(at, "nested too deep")
            at = _skip(text, at + 1, end)
            if not text.startswith(open_[-1], at, end):
                at = _key(text, at, end) if open_[-1] == "}" else at
                continue
        elif text.startswith('"', at, end):
            at = _string(text, at, end)[1]
        else:
            at = _value(text, at, end)
        at = _close(text, at, end, open_)
        if not open_:
            return at


def _close(text: str, at: int, end: int, open_: list[str]) -> int:
    """Go over closing brackets and the comma behind a value, up to the next value or the end of all."""
    while open_:
        at = _skip(text, at, end)
        if text.startswith(open_[-1], at, end):
            open_.pop()
            at += 1
        elif text.startswith(",", at, end):
            return _key(text, at + 1, end) if open_[-1] == "}" else at + 1
        else:
            raise NotJson(at, "a comma or a closing bracket is missing")
    return at


def _key(text: str, at: int, end: int) -> int:
    at = _skip(text, at, end)
    if not text.startswith('"', at, end):
        raise NotJson(at, "a key in double quotes is missing")
    at = _skip(text, _string(text, at, end)[1], end)
    if not text.startswith(":", at, end):
        raise NotJson(at, "a colon is missing")
    return at + 1
