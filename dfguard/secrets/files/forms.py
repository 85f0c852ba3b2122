"""Of which syntax a file can be, by its first line that is no comment: one match for every file that is read.

Nearly all files (code, documents) are of none, and cost no more than that.
"""

from __future__ import annotations

import re
from functools import cache

JSON, YAML, INI, PAIRS, XML, NETRC, LINES = "json", "yaml", "ini", "pairs", "xml", "netrc", "lines"
LARGEST = 2 * 1024 * 1024  # bytes of a file of credentials

_FIRST = (
    rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:[#;!][^\n]{0,400})?\r?\n){0,40}[ \t]*(?:"
    rb"(?P<netrc>(?:machine|default|macdef)\s)"
    rb"|(?P<json>\{\s*[\"}]|\[\s*\{)"
    rb"|(?P<xml><(?:\?xml|!--|[A-Za-z][\w:.-]{0,60}[\s>]))"
    rb"|(?P<ini>\[[^\]\n]{1,200}\]\]?[ \t]*[\r\n#;]|[a-z_]{1,40}[ \t]\"[^\"\n]{1,200}\"[ \t]*\{)"
    rb"|(?P<yaml>---[ \t]*[\r\n]|(?:- )?[:\w.\"'/-]{1,200}:(?:[ \t]|\r?\n)|%YAML)"
    rb"|(?P<pairs>[\w./@:-]{1,200}[ \t]{0,8}=)"
    rb"|(?P<lines>[^\s:]{1,255}:[^\s:]{0,400}(?::|\r?\n|\Z)))"
)


@cache
def _first() -> re.Pattern[bytes]:
    return re.compile(_FIRST)


def form_of(data: bytes) -> str | None:
    """The syntax that a file's beginning allows, None for none of them."""
    if len(data) > LARGEST:
        return None
    match = _first().match(data)
    return None if match is None else match.lastgroup
