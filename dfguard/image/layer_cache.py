"""Layers that were read before, by the digest of the blob and by what was looked for, and with what.

Kept is what `read_layer` found, in which no secret stands: checksums of files are replaced by keyed ones, account
files by what of them the checks of the image need. A layer is kept, and found again, only by a digest that was
computed from its bytes (in a registry: that the registry gave out for them).
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sys
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

from dfguard.cache import Cache
from dfguard.finding import Confidence
from dfguard.image.layer import LayerContent, LayerEntry, Reading
from dfguard.image.packages.found import Package, PackageFile
from dfguard.secrets import skips
from dfguard.secrets.detectors import SecretHit
from dfguard.secrets.names import NamedSecret
from dfguard.secrets.scanner import FileSecrets, SecretPlace
from dfguard.secrets.skips import Skip
from dfguard.struct import Struct

_UNSETTLED = (skips.BUDGET, skips.NOT_UNDERSTOOD)  # another run may get further


class LayerCache:
    """The layers of one cache for one purpose: `asked` says what is read off them, `masked` what is kept of files."""

    def __init__(self, store: Cache, asked: str, masked: Callable[[str, bytes], bytes]) -> None:
        self._store = store
        self._asked = f"{reading_code()} {asked}".encode()
        self._masked = masked

    def _name(self, digest: str) -> bytes | None:
        return self._store.keyed(self._asked, digest.encode())

    def has(self, digest: str) -> bool:
        """Whether a layer of this digest seems to be there, before anything is read."""
        name = self._name(digest)
        return name is not None and self._store.holds(name)

    def find(self, digest: str) -> Reading | None:
        """The layer of a digest, if it was read before."""
        name = self._name(digest)
        data = self._store.read(name) if name is not None else None
        if data is None:
            return None
        try:
            content, entries, paths = json.loads(zlib.decompress(data))
            return Reading(_content(content), entries, paths)
        except (ValueError, TypeError, KeyError, IndexError, zlib.error):
            return None

    def keep(self, reading: Reading) -> Reading:
        """Keep a layer; the result is what `find` will give, so that a second run says the same."""
        content = reading.content
        content = content.but(
            entries=tuple(map(self._keyed, content.entries)),
            replaced=tuple(map(self._keyed, content.replaced)),
            kept=tuple((path, self._masked(path, data)) for path, data in content.kept),
        )
        name = self._name(content.digest)
        if name is not None and not any(skip.reason in _UNSETTLED for skip in content.skips):
            data = json.dumps([_row(content), reading.entries, reading.paths], separators=(",", ":")).encode()
            self._store.write(name, zlib.compress(data, 1))
        return reading.but(content=content)

    def _keyed(self, entry: LayerEntry) -> LayerEntry:
        made = self._store.keyed(b"check", b"%d" % entry.check) if entry.check else None
        return entry if made is None else LayerEntry(*_with_check(entry, int.from_bytes(made[:8], "big")))


def _with_check(entry: LayerEntry, check: int) -> tuple[Any, ...]:
    values = _values(entry)
    values[_CHECK] = check
    return tuple(values)


def _values(record: Struct) -> list[Any]:
    return [getattr(record, name) for name in type(record)._fields]


_CHECK = LayerEntry._fields.index("check")
_ENTRIES = {LayerContent._fields.index(name) for name in ("entries", "replaced")}
_RECORDS: dict[str, type[Struct]] = {
    each.__name__: each for each in (FileSecrets, NamedSecret, SecretPlace, SecretHit, Skip, Package, PackageFile)
}


def _row(content: LayerContent) -> list[Any]:
    return [
        [_values(entry) for entry in value] if index in _ENTRIES else _plain(value)
        for index, value in enumerate(_values(content))
    ]


def _content(row: list[Any]) -> LayerContent:
    values: list[Any] = [
        tuple(LayerEntry(*entry) for entry in value) if index in _ENTRIES else _restored(value)
        for index, value in enumerate(row)
    ]
    return LayerContent(*values)


def _plain(value: Any) -> Any:
    """A value as JSON has it: what is neither text nor number is a list that starts with what it is."""
    if isinstance(value, tuple):
        return ["tuple", *map(_plain, value)]
    if isinstance(value, Confidence):
        return ["confidence", value.value]
    if isinstance(value, bytes):
        return ["bytes", base64.b64encode(value).decode()]
    if isinstance(value, Struct):
        return [type(value).__name__, *map(_plain, _values(value))]
    return value


def _restored(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    kind, *parts = value
    if kind == "tuple":
        return tuple(map(_restored, parts))
    if kind == "confidence":
        return Confidence(parts[0])
    if kind == "bytes":
        return base64.b64decode(parts[0])
    return _RECORDS[kind](*map(_restored, parts))


@cache
def reading_code() -> str:
    """What layers are read with: a hash of the code and tables that do it, of Python, and of what it can unpack."""
    made = hashlib.sha256(repr((sys.version_info[:2], _has_zstd())).encode())
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for room in ("image", "secrets"):
        for folder, folders, files in os.walk(os.path.join(here, room)):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in sorted(files):
                if not name.endswith((".pyc", ".pyo")):
                    with open(os.path.join(folder, name), "rb") as file:
                        made.update(name.encode() + b"\0" + hashlib.sha256(file.read()).digest())
    return made.hexdigest()


def _has_zstd() -> bool:
    from importlib.util import find_spec

    return find_spec("zstandard") is not None or sys.version_info >= (3, 14)
