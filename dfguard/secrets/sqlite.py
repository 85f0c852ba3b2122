"""The values of an SQLite database, one a line: in its pages they stand side by side, with nothing between.

A detector that looks for the beginning of a word finds none in `tokenglpat-...`. The rest of a page is given out as
well: deleted rows, parts of long values and what is no table stand in it. Source: https://www.sqlite.org/fileformat2.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_MOST_CELLS = 200_000  # of a file: behind these only pages are given out
_SHORTEST = 8  # bytes of a value
_TABLE_LEAF, _INDEX_LEAF = 0x0D, 0x0A
_NUMBERS = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0)  # bytes of the values of types that are no text and no blob


def with_values(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pages of a database without their values, each followed by these; what is no page is given out as it is."""
    data, size, cells, first = b"", 0, 0, True
    for piece in pieces:
        data += piece
        if not size and len(data) >= 100:
            size = int.from_bytes(data[16:18], "big")
            size = 65536 if size == 1 else size
            if size < 512 or size & (size - 1):
                size, cells = 65536, _MOST_CELLS  # no page size: nothing is known of the rest
        whole = len(data) - len(data) % size if size else 0
        for at in range(0, whole, size or 1):
            page = bytearray(data[at : at + size])
            places = list(_values(page, 100 if first else 0)) if cells < _MOST_CELLS else []
            values = [bytes(page[start:end]) for start, end in places]
            for start, end in places:
                page[start:end] = bytes(end - start)
            cells, first = cells + len(values) + 1, False
            yield b"\n".join((bytes(page), *values, b""))
        data = data[whole:]
    yield data


def _values(page: bytearray, start: int) -> Iterator[tuple[int, int]]:
    """Where the texts and blobs are in a leaf page whose header begins at `start`."""
    kind = page[start]
    if kind not in (_TABLE_LEAF, _INDEX_LEAF):
        return
    count = int.from_bytes(page[start + 3 : start + 5], "big")
    for at in range(start + 8, min(start + 8 + 2 * count, len(page) - 1), 2):
        cell = int.from_bytes(page[at : at + 2], "big")
        _, cell = _number(page, cell)  # the size of the record
        if kind == _TABLE_LEAF:
            _, cell = _number(page, cell)  # the id of the row
        yield from _record(page, cell)


def _record(page: bytearray, start: int) -> Iterator[tuple[int, int]]:
    head, at = _number(page, start)
    end = body = min(start + head, len(page))
    while at < end and body < len(page):
        kind, at = _number(page, at)
        size = (kind - 12) // 2 if kind >= 12 else _NUMBERS[kind]
        if kind >= 12 and size >= _SHORTEST:
            yield body, min(body + size, len(page))
        body += size


def _number(page: bytearray, at: int) -> tuple[int, int]:
    """A number of up to nine bytes, and where it ends."""
    value = 0
    for byte in page[at : at + 8]:
        at += 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at
    return value << 8 | (page[at] if at < len(page) else 0), at + 1
