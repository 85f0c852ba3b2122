"""Hiding secrets in everything that is shown: messages, snippets, diffs.

More eager than detection: what stands behind the name of a credential is hidden however weak it looks.
"""

from __future__ import annotations

import re
from functools import cache

from dfguard.secrets.contents import scan
from dfguard.secrets.generated import WORDS
from dfguard.secrets.values import credential_name

MASK = "****"
_LONGEST_PREFIX = 4
_SHORTEST = 8

# Every repetition starts behind something that is not part of it, so that no text is read twice.
_NAMED = (
    rb"(?:(?<![A-Za-z0-9_.-])|(?<=--)|(?<= -D))(?P<name>[A-Za-z_][A-Za-z0-9_.-]{0,99})"
    rb"[\"']?[ \t]{0,8}(?::=|[:=])[ \t]{0,8}"
    rb"(?:\"(?P<double>[^\"\r\n]{1,4096})|'(?P<single>[^'\r\n]{1,4096})|(?P<bare>[^\s\"'`;]{1,4096}))"
)
_SPACED = (
    rb"(?:(?<![A-Za-z])(?i:env|arg)[ \t]{1,8}|(?<![A-Za-z0-9-])--)(?P<name>[A-Za-z_][A-Za-z0-9_.-]{0,99})"
    rb"[ \t]{1,8}[\"']?(?P<bare>[^\s\"'=-][^\s\"']{0,4095})"
)
_HEADER = rb"(?i:(?<![a-z])(?:bearer|basic)[ \t]{1,8})(?P<bare>[A-Za-z0-9._~+/=-]{8,4096})"
_USER = rb"(?<![A-Za-z0-9-])(?:-u|--user|--proxy-user)[ =]?[\"']?[^\s:\"']{1,256}:(?P<bare>[^\s\"']{1,4096})"
_WORDS = rb"[\"']--(?P<name>[A-Za-z][A-Za-z0-9_.-]{0,99})[\"'][ \t]{0,8},[ \t]{0,8}[\"'](?P<bare>[^\"'\r\n]{1,4096})"
_LOGIN = (
    rb"(?<![A-Za-z0-9-])(?:login|sshpass|mysql[a-z]{0,9}|mariadb[a-z-]{0,9}|mongo(?:sh)?|redis-cli|unzip|7z)"
    rb"(?=[ \t])[^\r\n|;&]{0,300}?[ \t]-[paP][ \t]?[\"']?(?P<bare>[^\s\"'-][^\s\"']{0,4095})"
)
_ACCOUNT = (
    rb"(?<![A-Za-z0-9_.-])[A-Za-z_][A-Za-z0-9_.-]{0,31}:(?P<bare>[^\s\"':|]{1,512})(?:\\n)?[\"']?[ \t]{0,8}\|"
    rb"[ \t]{0,8}(?:sudo[ \t]{1,8})?chpasswd"
)
_SQL = (
    rb"(?i:(?<![a-z])(?:identified[ \t]{1,8}(?:with[ \t]{1,8}[a-z_0-9]{1,40}[ \t]{1,8})?"
    rb"(?:by|as)(?:[ \t]{1,8}password)?|password)[ \t]{0,8}[ \t(][ \t]{0,8}\\?)['\"](?P<bare>[^'\"\\\r\n]{1,512})"
)
_QUERY = rb"[?&](?P<name>[A-Za-z_][A-Za-z0-9_.-]{0,99})=(?P<bare>[^&#\s\"'`;\\]{1,4096})"
# Values that are none: a variable without a default, a placeholder, what is masked already, a switch.
_SHOWN = rb"(?s:\$[A-Za-z_({@0-9](?![^\r\n]*:?[-+=]).*|<.*|.{0,4}\*{4}.*)|(?i:true|false|yes|no|none|null)"


def mask(value: str) -> str:
    """A secret's value made unreadable: `ghp_****`, `****`.

    A prefix that all secrets of a format share is kept, at most four characters of it.
    """
    for before, literal, _ in WORDS:
        prefix = literal.decode()
        if not before and prefix.isidentifier() and value.startswith(prefix) and len(value) > 4 * _LONGEST_PREFIX:
            return prefix[:_LONGEST_PREFIX] + MASK
    return MASK


def redact(text: str) -> str:
    """The text with every secret in it masked; texts without one come back as they are."""
    pieces, done = [], 0
    for start, end in secret_places(text):
        pieces += [text[done:start], mask(text[start:end])]
        done = end
    return "".join((*pieces, text[done:])) if pieces else text


def without_tokens(text: str) -> str:
    """The text with the tokens in it masked, as far as they are known by their own form: for sentences."""
    data, pieces, done = text.encode("utf-8", "surrogatepass"), [], 0
    for hit in scan(data):
        if hit.start >= done and not hit.key:
            pieces += [data[done : hit.start], mask(data[hit.start : hit.end].decode("utf-8", "replace")).encode()]
            done = hit.end
    return b"".join((*pieces, data[done:])).decode("utf-8", "surrogatepass") if pieces else text


def without_secrets_of(source: str, text: str) -> str:
    """The text without what is a secret in a source that it tells of; short ones, which may be any word, stay."""
    secrets = {source[start:end] for start, end in secret_places(source) if end - start >= _SHORTEST}
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, mask(secret))
    return text


def secret_places(text: str) -> tuple[tuple[int, int], ...]:
    """Where the secrets of a text are: (start, end) in characters, in order, none overlapping.

    For showing a part of a file ask about all of it: a line of a private key alone looks like nothing.
    """
    data = text.encode("utf-8", "surrogatepass")
    places = [(hit.start, hit.end) for hit in scan(data)] + _spoken(data)
    if not places:
        return ()
    joined: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return tuple(joined) if text.isascii() else _in_characters(data, joined)


def _in_characters(data: bytes, places: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Byte places as places in characters; a place that cuts a character takes it whole."""
    result = []
    seen, characters = 0, 0
    for start, end in places:
        start, end = _boundary(data, start, -1), _boundary(data, end, 1)
        first = characters + len(data[seen:start].decode("utf-8", "surrogatepass"))
        characters = first + len(data[start:end].decode("utf-8", "surrogatepass"))
        seen = end
        result.append((first, characters))
    return tuple(result)


def _boundary(data: bytes, at: int, step: int) -> int:
    while 0 < at < len(data) and data[at] & 0xC0 == 0x80:
        at += step
    return at


@cache
def _patterns() -> tuple[re.Pattern[bytes], ...]:
    patterns = (_NAMED, _SPACED, _HEADER, _USER, _WORDS, _LOGIN, _ACCOUNT, _SQL, _QUERY)
    return tuple(re.compile(pattern) for pattern in patterns)


def _spoken(data: bytes) -> list[tuple[int, int]]:
    """Values that the text itself calls credentials: by variable, option or header."""
    places = []
    for pattern in _patterns():
        for match in pattern.finditer(data):
            groups = match.groupdict()
            name = groups.get("name")
            group = next(key for key in ("double", "single", "bare") if groups.get(key) is not None)
            if (name is None or credential_name(name.decode("ascii"))) and not re.fullmatch(_SHOWN, match[group]):
                places.append(match.span(group))
    return places
