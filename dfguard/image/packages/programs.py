"""Packages that programs carry in themselves: Go's build information and cargo-auditable's.

Sources: debug/buildinfo of Go 1.18 and 1.17, and the format of cargo-auditable (`.dep-v0`, zlib, JSON).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any

from dfguard.image.packages.found import CARGO, GOLANG, Package, Unreadable
from dfguard.struct import Struct

_MAGIC = b"\xff Go buildinf:"
_MARK = 16  # bytes of a mark in front of and behind the module text
_MOST_SECTIONS = 20_000
_MOST_TEXT = 16 << 20
_LOADED = 1  # PT_LOAD


class _Segment(Struct):
    address: int
    offset: int
    size: int


class _Elf:
    """Sections and loaded segments of an ELF file (elf(5)). Raises Unreadable for a damaged one."""

    def __init__(self, data: bytearray | bytes) -> None:
        self.data = data
        if len(data) < 64 or data[4] not in (1, 2) or data[5] not in (1, 2):
            raise Unreadable("is no ELF program")
        self.order = "<" if data[5] == 1 else ">"
        self.wide = data[4] == 2

    def unpack(self, form: str, at: int) -> tuple[int, ...]:
        try:
            return struct.unpack_from(self.order + form, self.data, at)
        except (struct.error, OverflowError):
            raise Unreadable("is an ELF program that is cut short") from None

    def sections(self) -> dict[str, tuple[int, int]]:
        """Offset and size by name."""
        (table,) = self.unpack(*(("Q", 40) if self.wide else ("I", 32)))
        size, count, names = self.unpack("HHH", 58 if self.wide else 46)
        if not table or not count or count > _MOST_SECTIONS:
            return {}
        form, skip = ("IIQQQQ", 0) if self.wide else ("IIIIII", 0)
        rows = [self.unpack(form, table + index * size + skip) for index in range(count)]
        if names >= len(rows):
            return {}
        start = rows[names][4]
        return {self._name(start + row[0]): (row[4], row[5]) for row in rows}

    def _name(self, at: int) -> str:
        end = self.data.find(b"\0", at, at + 64)
        return bytes(self.data[at : max(end, at)]).decode("ascii", "replace")

    def segments(self) -> list[_Segment]:
        (table,) = self.unpack(*(("Q", 32) if self.wide else ("I", 28)))
        size, count = self.unpack("HH", 54 if self.wide else 42)
        found = []
        for index in range(count):
            at = table + index * size
            if self.wide:
                kind, _, offset, address, _, length = self.unpack("IIQQQQ", at)
            else:
                kind, offset, address, _, length = self.unpack("IIIII", at)
            if kind == _LOADED:
                found.append(_Segment(address, offset, length))
        return found

    def at_address(self, address: int, size: int) -> bytes:
        """The bytes that a running program has at an address, b"" for none."""
        for segment in self.segments():
            if segment.address <= address and address + size <= segment.address + segment.size:
                start = segment.offset + address - segment.address
                return bytes(self.data[start : start + size])
        return b""


def of_program(data: bytearray | bytes) -> tuple[Package, ...]:
    """The packages that an ELF program names; none for one that names none or is damaged. Raises Unreadable when it
    has a list that can't be read."""
    try:
        elf = _Elf(data)
        sections = elf.sections()
    except Unreadable:
        return ()  # engines do not mind either, until somebody runs it
    found: list[Package] = []
    if ".go.buildinfo" in sections:
        found += _go(elf, sections[".go.buildinfo"][0])
    if ".dep-v0" in sections:
        start, size = sections[".dep-v0"]
        found += _cargo(bytes(data[start : start + size]))
    return tuple(found)


# -- Go


def _go(elf: _Elf, at: int) -> Iterator[Package]:
    if elf.data[at : at + len(_MAGIC)] != _MAGIC:
        raise Unreadable("holds Go build information that can't be read")
    size, flags = elf.unpack("BB", at + len(_MAGIC))
    if flags & 2:  # since Go 1.18 both texts follow
        version, at = _counted(elf.data, at + 32)
        modules, _ = _counted(elf.data, at)
    else:
        version, modules = (_pointed(elf, at + 16 + index * size, size, flags & 1) for index in (0, 1))
    release = version.decode("utf-8", "replace").removeprefix("go").split(" ")[0]
    if release:
        yield Package(GOLANG, "stdlib", release)
    if len(modules) > 2 * _MARK and modules[-_MARK - 1 : -_MARK] == b"\n":
        yield from _modules(modules[_MARK:-_MARK].decode("utf-8", "replace"))


def _counted(data: bytearray | bytes, at: int) -> tuple[bytes, int]:
    """A text with its length in front, and where it ends."""
    size = shift = 0
    while True:
        if at >= len(data) or shift > 35:
            raise Unreadable("holds Go build information that is cut short")
        byte = data[at]
        at += 1
        size |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    if size > _MOST_TEXT or at + size > len(data):
        raise Unreadable("holds Go build information that is cut short")
    return bytes(data[at : at + size]), at + size


def _pointed(elf: _Elf, at: int, size: int, big: int) -> bytes:
    """The text of a Go string whose header's address stands at `at`, as up to Go 1.17."""
    if size not in (4, 8):
        raise Unreadable("holds Go build information that can't be read")
    order = "big" if big else "little"
    number = int.from_bytes
    header = elf.at_address(number(elf.data[at : at + size], order), 2 * size)  # type: ignore[arg-type]
    start, length = (number(header[each : each + size], order) for each in (0, size))  # type: ignore[arg-type]
    return elf.at_address(start, length) if length <= _MOST_TEXT else b""


def _modules(text: str) -> Iterator[Package]:
    """The lines `mod`, `dep` and `=>` (what replaces the one above): kind, path, version, sum."""
    told: list[tuple[str, str]] = []
    for line in text.splitlines():
        kind, *words = line.split("\t")
        if len(words) < 2:
            continue
        if kind == "=>" and told:
            told[-1] = (words[0], words[1])
        elif kind in ("mod", "dep"):
            told.append((words[0], words[1]))
    for path, version in told:
        if path:
            yield Package(GOLANG, path, "" if version == "(devel)" else version)


# -- cargo


def _cargo(section: bytes) -> Iterator[Package]:
    """The crates in the program; those that only built it are left out, as their code is not in there."""
    import json

    try:
        unpacked = zlib.decompressobj().decompress(section, _MOST_TEXT)
        document: Any = json.loads(unpacked)
        crates = document["packages"]
        for crate in crates:
            if crate.get("kind", "runtime") == "runtime":
                yield Package(CARGO, str(crate["name"]), str(crate["version"]))
    except (zlib.error, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        raise Unreadable("holds a list of crates (.dep-v0) that can't be read") from None
