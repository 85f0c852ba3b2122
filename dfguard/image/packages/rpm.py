"""rpm's database in each of its forms: SQLite (since 4.16), ndb (SUSE) and Berkeley DB's hash (before).

Every form holds one header blob a package. Sources: lib/header.c, lib/backend/ndb/rpmpkg.c of rpm 4.18, and
dbinc/db_page.h of Berkeley DB 5.3.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dfguard.image.packages.found import RPM, Package, Unreadable

if TYPE_CHECKING:
    import sqlite3

_NAME, _VERSION, _RELEASE, _EPOCH, _LICENSE, _ARCH, _SOURCE = 1000, 1001, 1002, 1003, 1014, 1022, 1044
_INT32, _STRING, _I18N = 4, 6, 9
_MOST_ENTRIES = 100_000
_MOST_STEPS = 10_000_000  # of SQLite's machine: a hostile file may hold a view that never ends
_PAGE = 4096


def rpm(data: bytes) -> tuple[Package, ...]:
    """The installed packages of rpm's database, keys of signers left out. Raises Unreadable."""
    if data.startswith(b"SQLite format 3\0"):
        blobs = _sqlite(data)
    elif data.startswith(b"RpmP"):
        blobs = _ndb(data)
    elif data[12:16] in (b"\x61\x15\x06\x00", b"\x00\x06\x15\x61"):
        blobs = _berkeley(data)
    else:
        raise Unreadable("is no rpm database that is known: neither SQLite, ndb nor Berkeley DB's hash")
    try:
        found = (_package(_tags(blob)) for blob in blobs)
        return tuple(package for package in found if package is not None)
    except (struct.error, OverflowError):
        raise Unreadable("is an rpm database that is damaged") from None


def _package(tags: dict[int, str | int]) -> Package | None:
    name, version, release = (str(tags.get(tag, "")) for tag in (_NAME, _VERSION, _RELEASE))
    if not name or name == "gpg-pubkey":
        return None
    epoch = f"{tags[_EPOCH]}:" if tags.get(_EPOCH) else ""
    terms = (str(tags[_LICENSE]),) if tags.get(_LICENSE) else ()
    arch, source = (str(tags.get(tag, "")) for tag in (_ARCH, _SOURCE))
    return Package(RPM, name, f"{epoch}{version}-{release}", arch, terms, "" if source == "(none)" else source)


def _tags(blob: bytes) -> dict[int, str | int]:
    """The tags that count here: a table of (tag, type, offset, count) and their data behind it, big-endian."""
    count, size = struct.unpack_from(">II", blob)
    start = 8 + 16 * count
    if count > _MOST_ENTRIES or start + size > len(blob):
        raise Unreadable("is an rpm database with a damaged package")
    found: dict[int, str | int] = {}
    for index in range(count):
        tag, kind, offset, _ = struct.unpack_from(">IIII", blob, 8 + 16 * index)
        if tag not in (_NAME, _VERSION, _RELEASE, _EPOCH, _LICENSE, _ARCH, _SOURCE) or offset >= size:
            continue
        if kind == _INT32:
            found[tag] = struct.unpack_from(">I", blob, start + offset)[0]
        elif kind in (_STRING, _I18N):
            text = blob[start + offset : blob.find(b"\0", start + offset)]
            found[tag] = text.decode("utf-8", "replace")
    return found


# -- SQLite


def _sqlite(data: bytes) -> Iterator[bytes]:
    import sqlite3

    if len(data) < 100:
        raise Unreadable("is an SQLite database that is cut short")
    data = data[:18] + b"\1\1" + data[20:]  # SQLite opens none in memory that has a write-ahead log
    connection = sqlite3.connect(":memory:")
    try:
        steps = iter(range(_MOST_STEPS // 100_000))
        connection.set_progress_handler(lambda: next(steps, None) is None, 100_000)
        rows = _loaded(connection, data)
        for (blob,) in rows.execute("SELECT blob FROM Packages ORDER BY hnum"):
            if isinstance(blob, bytes):
                yield blob
    except sqlite3.Error as error:
        raise Unreadable(f"is an SQLite database that can't be read: {error}") from None
    except UnicodeDecodeError:  # of a name in an error of SQLite
        raise Unreadable("is an SQLite database that is damaged") from None
    finally:
        connection.close()


def _loaded(connection: sqlite3.Connection, data: bytes) -> sqlite3.Connection:
    """The database of the bytes, by way of a file where Python is older than 3.11."""
    connection.execute("PRAGMA trusted_schema = OFF")
    if hasattr(connection, "deserialize"):
        connection.deserialize(data)
        return connection
    import os
    import sqlite3
    import tempfile

    with tempfile.TemporaryDirectory(prefix="dfguard-") as folder:
        path = os.path.join(folder, "rpmdb.sqlite")
        with open(path, "wb") as file:
            file.write(data)
        stored = sqlite3.connect(path)
        try:
            stored.backup(connection)
        finally:
            stored.close()
    return connection


# -- ndb


def _ndb(data: bytes) -> Iterator[bytes]:
    """Slots of 16 bytes from byte 32 on, one a package; each blob stands at a multiple of 16, its length in front."""
    _, _, _, pages = struct.unpack_from("<4sIII", data)
    for at in range(32, min(pages * _PAGE, len(data) - 15), 16):
        magic, index, block, _ = struct.unpack_from("<4sIII", data, at)
        if magic != b"Slot" or not index:
            continue
        start = block * 16
        kind, owner, _, size = struct.unpack_from("<4sIII", data, start)
        if kind != b"BlbS" or owner != index or start + 16 + size > len(data):
            raise Unreadable("is an ndb database that is damaged")
        yield data[start + 16 : start + 16 + size]


# -- Berkeley DB


def _berkeley(data: bytes) -> Iterator[bytes]:
    """The values of a hash database: pages with pairs of key and value, long values on pages of their own."""
    order = "<" if data[12:16] == b"\x61\x15\x06\x00" else ">"
    (size,) = struct.unpack_from(order + "I", data, 20)
    if size not in (1 << power for power in range(9, 17)):
        raise Unreadable("is a Berkeley database that is damaged")
    for page in range(size, len(data) - size + 1, size):
        (count,) = struct.unpack_from(order + "H", data, page + 20)
        if data[page + 25] not in (2, 13):  # hash pages, unsorted and sorted
            continue
        for index in range(1, min(count, size // 2), 2):
            (offset,) = struct.unpack_from(order + "H", data, page + 26 + 2 * index)
            if offset + 12 <= size and data[page + offset] == 3:  # a value on other pages
                number, length = struct.unpack_from(order + "II", data, page + offset + 4)
                yield _overflow(data, size, order, number, length)


def _overflow(data: bytes, size: int, order: str, page: int, length: int) -> bytes:
    parts: list[bytes] = []
    have = 0
    while page and have < length:
        at = page * size
        if at + size > len(data) or len(parts) > len(data) // size:
            raise Unreadable("is a Berkeley database that is damaged")
        (page,) = struct.unpack_from(order + "I", data, at + 16)
        (used,) = struct.unpack_from(order + "H", data, at + 22)
        parts.append(data[at + 26 : at + 26 + used])
        have += used
    return b"".join(parts)[:length]
