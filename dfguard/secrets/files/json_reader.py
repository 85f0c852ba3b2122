"""JSON as strings with their paths. Comments and missing brackets are no errors: what can be read is read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.secrets.files.entry import MOST_DEPTH, Entry

_TOKEN = rb'(?s)"(?P<string>[^"\\]*(?:\\.[^"\\]*)*)"|(?P<mark>[{}\[\],:])|//[^\n]*|(?P<bare>[^\s{}\[\],:"/]+)'


def json_entries(data: bytes) -> Iterator[Entry]:
    """All strings, numbers and switches; ends where brackets are nested too deep."""
    path: list[str] = []  # one key for each open bracket
    lists: list[bool] = []
    named = False
    for token in re.finditer(_TOKEN, data):
        kind = token.lastgroup
        if kind == "mark":
            mark = token["mark"]
            if mark in b"{[":
                if len(path) >= MOST_DEPTH:
                    return
                path.append("0" if mark == b"[" else "")
                lists.append(mark == b"[")
                named = False
            elif mark in b"}]":
                if path:
                    path.pop()
                    lists.pop()
            elif mark == b":":
                named = bool(lists) and not lists[-1]
            else:
                named = False
                if lists and lists[-1]:
                    path[-1] = str(int(path[-1]) + 1)
        elif kind is not None and path:
            if lists[-1] or named:
                yield Entry(tuple(path), *token.span(kind))
            elif kind == "string":
                path[-1] = token[kind].decode("utf-8", "replace")
