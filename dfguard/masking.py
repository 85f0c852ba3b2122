"""Tokens that variables bring into sentences and paths, masked before anybody is told."""

from __future__ import annotations

from dfguard.regex import regex

_LONG_WORD = regex(r"(?=[A-Za-z_-]{0,19}[0-9])[A-Za-z0-9_-]{20}")  # no token is shorter


def masked(text: str) -> str:
    """A text without the tokens in it, as far as they are known by their own form."""
    if not _LONG_WORD.search(text):
        return text
    from dfguard.secrets.redact import without_tokens

    return without_tokens(text)
