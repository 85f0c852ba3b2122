"""Passwords inside of a value: in URLs and in connection strings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.finding import Confidence
from dfguard.python_sources.strength import TEST_WORDS, Strength, strength
from dfguard.regex import regex
from dfguard.secrets.values import assess, declared_fake
from dfguard.struct import Struct

_URL = regex(
    r"(?<![A-Za-z0-9+.-])(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{1,40})://"
    r"(?P<user>[^\s/@:\"'`<>\\?#(){}|,;\x00]{0,100}):(?P<secret>[^\s/@\"'`<>\\(){}|,;\x00]{1,200})"
    r"@(?P<host>[A-Za-z0-9.\[_\x00{-]{1,255})"
)
_SETTING = regex(
    r"(?i)(?<![A-Za-z0-9_])(?:password|pwd)[ ]?=[ ]?(?P<secret>[^\s;,\"'&<>{}%$\x00]{1,200})(?=[\s;\"'&]|\Z)"
)
_SERVER = regex(r"(?i)(?<![a-z])(?:server|host|data source|addr|dbname|database|driver|dsn)[ ]?=|jdbc:")
_USER = regex(r"(?i)(?<![a-z])(?:user id|uid|user|username)[ ]?=")
_SPOKEN_PASSWORDS = frozenset("pass password passwd pwd secret token pw x-oauth-basic x pass123 mypassword".split())
_SPOKEN_USERS = frozenset("username usr login foo u your_user youruser".split())
_HERE = regex(
    r"(?i)(?:localhost|127\.|0\.0\.0\.0|host\.docker\.internal|\[::1|.{0,40}\.(?:local|test|example|invalid)\b|.{0,60}example\.)"
)


class InnerSecret(Struct):
    """A password inside of a value, `start` to `end` in its characters."""

    what: str
    start: int
    end: int
    confidence: Confidence
    scheme: str = ""


def inner_secrets(value: str) -> Iterator[InnerSecret]:
    """All of them, in order; linear in the value's length."""
    if "://" in value and "@" in value:
        for match in _URL.finditer(value):
            confidence = _of_url(match)
            if confidence is not None:
                scheme = match["scheme"].lower()
                yield InnerSecret("a password in a URL", *match.span("secret"), confidence, scheme)
    elif "=" in value and "\n" not in value and _SERVER.search(value) and _USER.search(value):
        for match in _SETTING.finditer(value):
            confidence = _of_password(match["secret"])
            if confidence is not None:
                yield InnerSecret("a password in a connection string", *match.span("secret"), confidence)


def _of_url(match: re.Match[str]) -> Confidence | None:
    password, user = match["secret"], match["user"].lower()
    if password.lower() in _SPOKEN_PASSWORDS or user in _SPOKEN_USERS or (password.isdigit() and len(password) < 6):
        return None
    confidence = _of_password(password)
    if confidence is None:
        return None
    weak = user == password.lower() or _HERE.match(match["host"]) is not None
    return Confidence.LOW if weak and strength(password) is not Strength.GENERATED else confidence


def _of_password(password: str) -> Confidence | None:
    if assess(password) is None or declared_fake(password):
        return None
    found = strength(password)
    if found is Strength.GENERATED:
        return Confidence.HIGH
    if found is Strength.CHOSEN and not TEST_WORDS.search(password):
        return Confidence.MEDIUM
    return None if found is Strength.NOTHING else Confidence.LOW
