"""Source text with its secrets masked in place, so that columns stay where they are."""

from __future__ import annotations

import re

_VISIBLE = re.compile(r"[^\s]")


def mask_secrets(text: str) -> str:
    """`text` with `*` for every character of every detected secret; blanks and line ends stay."""
    from dfguard.secrets.contents import scan

    data = text.encode("utf-8", "surrogatepass")  # any text there and back, also one that is no file's
    out: list[str] = []
    at = 0
    for hit in sorted(scan(data), key=lambda hit: hit.start):
        start = max(hit.start, at)
        if hit.end > start:
            secret = data[start : hit.end].decode("utf-8", "surrogatepass")
            out += (data[at:start].decode("utf-8", "surrogatepass"), _VISIBLE.sub("*", secret))
            at = hit.end
    return "".join([*out, data[at:].decode("utf-8", "surrogatepass")])
