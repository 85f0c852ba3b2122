"""The `.env` file beside a compose file.

As https://github.com/compose-spec/compose-go/blob/main/dotenv/parser.go; the environment of the process
is never asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dfguard.context.invocations.interpolation import interpolate
from dfguard.context.invocations.nodes import refusal
from dfguard.regex import regex
from dfguard.source import Source

_BLANK = " \t\v\f\r\x85\xa0"
_STATEMENT = regex(rf"(?:export[{_BLANK}]+)?([^=:\n]*)(\n|=|:|\Z)[{_BLANK}]*")
_KEY = regex(r"[\w.\-\[\]]+\Z")
_ESCAPE = regex(r"\\([abcfnrtv$\"\\]|0[0-7]{1,3})")
_ESCAPED = {
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
    "$": "$$",
    '"': '"',
    "\\": "\\",
}


def read_dotenv(source: Source, given: Mapping[str, str]) -> dict[str, str]:
    """The variables of an env file; `given` are those known already, which its values may use.

    Raises InputError, with the line, for what Compose refuses.
    """
    text = source.text.removeprefix("\ufeff")
    shift = len(source.text) - len(text)
    values: dict[str, str] = {}
    at = _start(text, 0)
    while at < len(text):
        match = _STATEMENT.match(text, at)
        assert match is not None
        key = match[1].strip()
        if not _KEY.match(key):
            raise refusal(source, at + shift, "is no `NAME=value`")
        at = match.end()
        if match[2] in ("\n", ""):
            if key in given:
                values[key] = given[key]
        else:
            value, at = _value(source, text, at, shift)
            values[key] = value if value[:1] != "\0" else interpolate(value[1:], {**values, **given}).text
        at = _start(text, at)
    return values


def _start(text: str, at: int) -> int:
    """Where the next statement starts."""
    while at < len(text):
        if text[at].isspace():
            at += 1
        elif text[at] == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
        else:
            break
    return at


def _value(source: Source, text: str, at: int, shift: int) -> tuple[str, int]:
    """A value and where it ends; one that is to be interpolated has a NUL in front, which no text holds."""
    quote = text[at : at + 1]
    if quote not in ("'", '"') or not quote:
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        return "\0" + text[at:end].partition(" #")[0].rstrip(), end
    closing = re.compile(rf"(?:[^\\{quote}]|\\.)*{quote}", re.DOTALL).match(text, at + 1)
    if closing is None:
        raise refusal(source, at + shift, f"the {quote} is never closed")
    raw = closing[0][:-1].replace(f"\\{quote}", quote)
    if quote == "'":
        return raw, closing.end()
    return "\0" + _ESCAPE.sub(_unescape, raw), closing.end()


def _unescape(match: re.Match[str]) -> str:
    return _ESCAPED.get(match[1]) or (chr(int(match[1], 8)) if match[1].startswith("0") else match[0])
