"""What the readers give: values of a file with the path of keys that leads to each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.struct import Struct

MOST_ENTRIES = 20_000  # of one file; files of credentials have dozens
MOST_DEPTH = 40


class Entry(Struct):
    """A value: bytes `start` up to, not including, `end`, without its quotes, and the keys that lead to it.

    The place in a list is a key as well, as a number. `document` counts the documents of one YAML file.
    """

    path: tuple[str, ...]
    start: int
    end: int
    document: int = 0

    if not TYPE_CHECKING:  # many to a file: a written-out __init__ takes half the time

        def __init__(self, path, start, end, document=0):
            put = object.__setattr__
            put(self, "path", path)
            put(self, "start", start)
            put(self, "end", end)
            put(self, "document", document)
