"""The rules that options and environment variables name."""

from __future__ import annotations

from collections.abc import Iterable

from dfguard import catalog
from dfguard.cli.main import near
from dfguard.errors import UsageError

EXPECTED = "a code (DG101), a rule's name or the id of another tool's check (DL3015); `dfguard rules` lists the rules"


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
        from dfguard import peers

        found = peers.rules_for(word)
        if not found and peers.known(word):
            raise UsageError(f"no rule answers {word!r} ({peers.known(word)[0].name}): there is nothing to choose")
    if not found:
        raise UsageError(f"unknown rule {word!r}{near(word, [*codes, *codes.values()], EXPECTED)}")
    return tuple(entry.code for entry in found)
