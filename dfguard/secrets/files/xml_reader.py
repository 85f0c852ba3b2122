"""XML as texts and attributes with the elements that lead to them. Entities are not resolved, DTDs not read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.secrets.files.entry import MOST_DEPTH, Entry

_PIECE = (
    rb"(?s)<!--.*?(?:-->|\Z)|<[?!][^>]*>|<(?P<close>/)?(?P<name>[A-Za-z_][\w:.-]{0,99})"
    rb"(?P<attributes>(?:\s[^<>]{0,4000})?)>|(?P<text>[^<>]+)"
)
_ATTRIBUTE = rb"""([A-Za-z_][\w:.-]{0,99})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)')"""


def xml_entries(data: bytes) -> Iterator[Entry]:
    """All texts behind the names of their elements, all attributes behind `@name`.

    Of `<add key="K" value="V"/>` the value stands behind `K`.
    """
    path: list[str] = []
    for piece in re.finditer(_PIECE, data):
        if piece["text"]:
            text = piece["text"].strip()
            if text and path:
                start = piece.start("text") + piece["text"].index(text)
                yield Entry(tuple(path), start, start + len(text))
        elif piece["name"]:
            name = piece["name"].decode("ascii", "replace").rpartition(":")[2]
            if piece["close"]:
                if name in path:
                    del path[len(path) - 1 - path[::-1].index(name) :]
                continue
            yield from _attributes(data, piece, (*path, name))
            if not piece["attributes"].endswith(b"/"):
                if len(path) >= MOST_DEPTH:
                    return
                path.append(name)


def _attributes(data: bytes, piece: re.Match[bytes], path: tuple[str, ...]) -> Iterator[Entry]:
    found = {}
    for match in re.compile(_ATTRIBUTE).finditer(data, *piece.span("attributes")):
        found[match[1].decode("ascii", "replace")] = match.span(2 if match[2] is not None else 3)
    for name, span in found.items():
        yield Entry((*path, "@" + name), *span)
    if "key" in found and "value" in found:
        key = data[slice(*found["key"])].decode("utf-8", "replace")
        yield Entry((*path, key), *found["value"])
