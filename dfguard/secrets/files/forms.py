"""Of which syntax a file can be, by its first line that is no comment: one match for every file that is read.

Nearly all files (code, documents) are of none, and cost no more than that.
"""

from __future__ import annotations

import re
from functools import cache

JSON, YAML, INI, PAIRS, XML, NETRC, LINES = "json", "yaml", "ini", "pairs", "xml", "netrc", "lines"
_MB, LARGE = 1024 * 1024, 128 * 1024
# The most bytes that a file of credentials of a syntax has.
LARGEST = {JSON: 2 * _MB, YAML: 2 * _MB, XML: LARGE, INI: LARGE, PAIRS: LARGE, NETRC: LARGE, LINES: LARGE}

# Two steps, so that comments are never tried twice.
_COMMENTS = rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:[#;!][^\n]{0,400})?\n|[ \t]*\r\n){0,40}[ \t]*"
_BEFORE = b"#;! \t\r\n\xef"  # what comments, blanks and empty lines start with
_FIRST = (
    rb"(?:"
    rb"(?P<netrc>(?:machine|default|macdef)\s)"
    rb"|(?P<json>\{\s*[\"}]|\[\s*\{)"
    rb"|(?P<xml><(?:\?xml|!--|[A-Za-z][\w:.-]{0,60}[\s>]))"
    rb"|(?P<ini>\[[^\]\n]{1,200}\]\]?[ \t]*[\r\n#;]|[a-z_]{1,40}[ \t]\"[^\"\n]{1,200}\"[ \t]*\{)"
    rb"|(?P<yaml>---[ \t]*[\r\n]|(?:- )?[:\w.\"'/-]{1,200}:(?:[ \t]|\r?\n)|%YAML)"
    rb"|(?P<pairs>[\w./@:-]{1,200}[ \t]{0,8}=)"
    rb"|(?P<lines>[^\s:]{1,255}:[^\s:]{0,400}(?::|\r?\n|\Z)))"
)


@cache
def _patterns() -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    return re.compile(_COMMENTS), re.compile(_FIRST)


def form_of(data: bytes) -> str | None:
    """The syntax that a file's beginning allows, None for none of them."""
    size = len(data)
    if size > LARGEST[JSON]:
        return None
    form = syntax_of(data)
    return form if form is None or size <= LARGEST[form] else None


def syntax_of(data: bytes) -> str | None:
    """The same whatever the size of the file is."""
    comments, first = _patterns()
    start = comments.match(data) if data[:1] in _BEFORE else None
    match = first.match(data, start.end() if start is not None else 0)
    return match.lastgroup if match is not None else None
