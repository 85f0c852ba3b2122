"""Source text with its secrets masked in place, so that columns stay where they are."""

from __future__ import annotations

from collections.abc import Iterable

from dfguard.regex import regex

_VISIBLE = regex(r"[^\s]")


def mask_secrets(text: str, places: Iterable[tuple[int, int]] = ()) -> str:
    """`text` with `*` for every character of every secret; blanks and line ends stay.

    Secrets are what `dfguard.secrets.redact.secret_places` finds, and `places`, (start, end) in characters.
    """
    from dfguard.secrets.redact import secret_places

    out: list[str] = []
    at = 0
    for start, end in sorted((*secret_places(text), *places)):
        start = max(start, at)
        if end > start:
            out += (text[at:start], _VISIBLE.sub("*", text[start:end]))
            at = end
    return "".join([*out, text[at:]])


def mask_values(text: str, values: Iterable[str]) -> str:
    """As `mask_secrets`, and with `*` wherever one of `values` stands."""
    for value in values:
        text = text.replace(value, _VISIBLE.sub("*", value))
    return mask_secrets(text)
