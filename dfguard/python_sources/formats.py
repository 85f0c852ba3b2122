"""Which detectors of plain text know a secret by its own format, and which only by the words around it."""

from __future__ import annotations

from functools import cache

from dfguard.secrets.generated import DETECTORS

# Formats that are only words and values, as those that go by names are: the tree of a source tells them better.
_BY_WORDS = frozenset(("connection-string-password", "netrc-password", "url-password"))


@cache
def _formats() -> frozenset[str]:
    return frozenset(row[0] for row in DETECTORS) - _BY_WORDS


def is_format(detector: str) -> bool:
    """Whether a detector's hit is a secret whatever its name."""
    return detector in _formats()
