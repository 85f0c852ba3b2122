"""Which Python files are worth parsing: a search in the bytes, without decoding them."""

from __future__ import annotations

import re

from dfguard.regex import regex

_ENDINGS = (".py", ".pyw", ".wsgi")
_SHEBANG = regex(rb"#![^\r\n]*python")
# One of them is part of every name that holds a credential. Behind the first ones any value may be one, behind
# the others those only that are no plain word.
_WORDS = (
    (b"pass", True),
    (b"secret", True),
    (b"pwd", True),
    (b"key", False),
    (b"token", False),
    (b"auth", False),
    (b"login", False),
)
# Behind such a word: the rest of the name, and what gives it a value; then an opening quote, not far.
_GIVES = regex(rb"[a-z0-9_]{0,60}[\"'\])]{0,3}[ \t]{0,8}[:=,(!+]")
_OPENS = regex(rb"[\"'][^\"'\s\[\](){},<>%]{3}")
_OPENS_NO_WORD = regex(rb"[\"'](?=[^\"'\s]{0,80}[0-9!#$&*+/=@^~])[^\"'\s]{6}")
_NOT_FAR = 150


_TESTS = regex(
    r"(?:^|/)(?:conftest|tests?|testing|(?:pytest|test)_?(?:utils?|support|settings?|config|plugins?|data)|[a-z_]+_tests?)"
    r"(?:/|\.py$)|(?:^|/)(?:mocks?|stubs|demos?|tutorials?|cookbook|locust\w*|fuzz\w*|benchmarks?|factories)(?:/|\.py$)",
    re.IGNORECASE,
)
_DEVELOPMENT = regex(r"(?:^|[/_.-])(?:dev|devel|development|ci|debug)(?:[_-]?(?:settings?|config|conf))?\.py$")


def is_test(path: str) -> bool:
    """Whether a source is a test, an example or made for them, by its path."""
    return _TESTS.search(path) is not None


def is_for_development(path: str) -> bool:
    """Whether a source holds settings for development, by its name."""
    return _DEVELOPMENT.search(path.lower()) is not None


def is_python(path: str, data: bytes) -> bool:
    """Whether a file is a Python source, by its name or first line; stubs (`.pyi`) are none."""
    return path.endswith(_ENDINGS) or (data[:2] == b"#!" and _SHEBANG.match(data) is not None)


def is_worth_reading(data: bytes) -> bool:
    """Whether a source may hold a credential at all: a telling word in front of a string, or `:...@` in a URL."""
    lowered = data.lower()
    for word, any_value in _WORDS:
        opens = _OPENS if any_value else _OPENS_NO_WORD
        at = lowered.find(word)
        while at >= 0:
            at += len(word)
            gives = _GIVES.match(lowered, at)
            if gives and opens.search(lowered, gives.end(), gives.end() + _NOT_FAR):
                return True
            at = lowered.find(word, at)
    return False
