"""The rules that options and environment variables name."""

from __future__ import annotations

from collections.abc import Iterable

from dfguard import catalog
from dfguard.cli.main import near
from dfguard.errors import UsageError


def codes_of(texts: Iterable[str]) -> tuple[str, ...]:
    """The rules that options name, as codes or beginnings of codes; raises UsageError for unknown ones."""
    return tuple(code for text in texts for word in text.split(",") if word for code in codes_or_prefix(word.strip()))


def codes_or_prefix(word: str) -> tuple[str, ...]:
    """The codes for a name or a peer's id, or the beginning of codes itself; raises UsageError for neither."""
    codes = catalog.names()
    if any(code.startswith(word.upper()) for code in codes):
        return (word.upper(),)
    found = catalog.named(word)
    if not found:
        from dfguard.peers import rules_for

        found = rules_for(word)
    if not found:
        raise UsageError(f"unknown rule {word!r}{near(word, [*codes, *codes.values()])}")
    return tuple(entry.code for entry in found)
