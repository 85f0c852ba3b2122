"""Image archives: `docker save`, `podman save`, BuildKit's and skopeo's tars, plain or compressed, or a stream.

A plain archive in a file is indexed by its headers and read in place. What can't be read twice (standard input,
a compressed archive) is read once from front to end: small blobs are kept, each layer is read as it comes by.
"""

from __future__ import annotations

import io
import os
import posixpath
import stat
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import BinaryIO

from dfguard.errors import InputError
from dfguard.image.allowance import Allowance
from dfguard.image.assemble import blob_path
from dfguard.image.blobs import MAX_JSON
from dfguard.image.compression import Peeked, Reader, decompressed, kind_of
from dfguard.image.layer import LayerContent, Reading, Wanted
from dfguard.image.sources.reading import Ahead, digest_of, promised, read_blob, read_fresh, size_of
from dfguard.image.tarwalk import Member, TarWalk

MAX_MEMBERS = 100_000
MAX_LINKS = 8
MAX_NAME = 1024
MAX_SMALL = 64 << 20  # bytes of small blobs that a stream may make us keep


def open_archive(path: str, wanted: Wanted) -> Archive:
    """The archive in a file. Raises InputError for what can't be read or is no archive."""
    try:
        file = open(path, "rb")  # noqa: SIM115  the archive keeps it open
        mode = os.fstat(file.fileno()).st_mode
        head = file.read(6) if stat.S_ISREG(mode) else b""
    except OSError as error:
        raise InputError(path, f"can't be read: {error.strerror}") from error
    if stat.S_ISREG(mode):
        file.seek(0)
        if kind_of(head) == "none":
            return FileArchive(path, file, wanted)
    return StreamArchive(path, file, wanted)


class Archive(ABC):
    """The members of an archive by name; links among them are followed, as `docker save` uses them for layers."""

    def __init__(self, where: str, wanted: Wanted) -> None:
        self.where = where
        self.wanted = wanted
        self._allowance = Allowance()
        self._links: dict[str, str] = {}
        self._layers: dict[str, LayerContent] = {}
        self._ahead = Ahead()

    def name_of(self, digest: str) -> str:
        """The path of a blob in an OCI layout."""
        return blob_path(digest, self.where)

    @abstractmethod
    def data(self, name: str) -> bytes | None:
        """A small member's bytes, None when there is none."""

    @abstractmethod
    def ready(self, names: Sequence[str]) -> None:
        """These layers will be asked for."""

    def layer(self, name: str) -> LayerContent:
        """A member read as a layer; one that several images share is read once."""
        name = self._followed(name)
        if name not in self._layers:
            ahead = self._ahead.take(name, self._allowance, f"{self.where}: {name}")
            self._layers[name] = self._read_layer(name) if ahead is None else ahead
        return self._layers[name]

    @abstractmethod
    def _read_layer(self, name: str) -> LayerContent:
        """A member read as a layer, by its name with links followed."""

    def _followed(self, name: str) -> str:
        name = posixpath.normpath(name)
        for _ in range(MAX_LINKS):
            if name not in self._links:
                return name
            name = self._links[name]
        raise InputError(self.where, f"has links in a circle at {name}")

    def _note(self, member: Member, count: int) -> str:
        """The plain name of a member; remembers links."""
        if count > MAX_MEMBERS:
            raise InputError(self.where, f"is no image: it has more than {MAX_MEMBERS:,} members")
        if max(len(member.name), len(member.link)) > MAX_NAME:
            raise InputError(self.where, f"is no image: a member's name has more than {MAX_NAME:,} characters")
        name = posixpath.normpath(member.name.lstrip("/"))
        self._links.pop(name, None)  # of members of one name the last one counts, as when they are unpacked
        if member.kind == "symlink":
            self._links[name] = posixpath.normpath(posixpath.join(posixpath.dirname(name), member.link))
        elif member.kind == "hardlink":
            self._links[name] = posixpath.normpath(member.link.lstrip("/"))
        return name


class FileArchive(Archive):
    """A plain tar in a file."""

    def __init__(self, where: str, file: BinaryIO, wanted: Wanted) -> None:
        super().__init__(where, wanted)
        self._file = file
        self._places: dict[str, tuple[int, int]] = {}
        self._end = os.fstat(file.fileno()).st_size
        walk = TarWalk(_Window(file, 0, self._end), where)
        for count, member in enumerate(walk):
            name = self._note(member, count)
            if member.kind == "file":
                self._places[name] = (walk.offset, member.stored)

    def data(self, name: str) -> bytes | None:
        name = self._followed(name)
        if name not in self._places:
            if name == "manifest.json" and "index.json" not in self._places:
                self._refuse_cut()
            return None
        start, size = self._places[name]
        if size > MAX_JSON:
            raise InputError(self.where, f"{name} is {size:,} bytes large; expected a small JSON file")
        return _Window(self._file, start, size).read(size)

    def _refuse_cut(self) -> None:
        """What tells of the images may stand behind the end of a file that is cut short."""
        if any(start + size > self._end for start, size in self._places.values()):
            raise InputError(self.where, f"is cut short at byte {self._end:,}")

    def ready(self, names: Sequence[str]) -> None:
        """Read these layers in several processes, if that pays."""
        known = {name for name in map(self._followed, names) if name in self._places}
        sizes = {name: size_of(self._file, *self._places[name]) for name in known}
        self._ahead.read(sizes, self._read, self.wanted.jobs)

    def _read(self, name: str, allowance: Allowance) -> Reading:
        start, size = self._places[name]
        opened = partial(_Window, self._file, start, size)
        return read_blob(opened, name, f"{self.where}: {name}", self.wanted, allowance)

    def _read_layer(self, name: str) -> LayerContent:
        if name not in self._places:
            raise InputError(self.where, f"lacks the layer {name}")
        return self._read(name, self._allowance).content


class _Window:
    """A part of a file as a reader."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file = file
        self._at = start
        self._end = start + size

    def read(self, size: int, /) -> bytes:
        size = min(size, self._end - self._at)
        if size <= 0:
            return b""
        if hasattr(os, "pread"):  # other processes may read the same open file
            data = os.pread(self._file.fileno(), size, self._at)
        else:
            self._file.seek(self._at)
            data = self._file.read(size)
        self._at += len(data)
        return data

    def skip(self, size: int) -> None:
        """Pass over bytes without reading them; whether they are there is seen by what stands behind."""
        self._at += size


class StreamArchive(Archive):
    """An archive that is read once, from front to end."""

    def __init__(self, where: str, stream: Reader, wanted: Wanted) -> None:
        super().__init__(where, wanted)
        self._small: dict[str, bytes] = {}
        self._errors: dict[str, InputError] = {}
        kept = 0
        _, inner = decompressed(self._allowance.counted(stream), where, self._allowance)
        walk = TarWalk(inner, where)
        for count, member in enumerate(walk):
            name = self._note(member, count)
            if member.kind == "file" and member.stored:
                kept += self._see(name, member, walk)
                if kept > MAX_SMALL:
                    raise InputError(where, f"holds more than {MAX_SMALL:,} bytes of small files; expected an image")
        walk.drain()

    def ready(self, names: Sequence[str]) -> None:
        """Nothing: all layers have gone by."""

    def _see(self, name: str, member: Member, walk: TarWalk) -> int:
        """Keep a small blob or read a layer; the result is the bytes that were kept."""
        self._small.pop(name, None)
        self._layers.pop(name, None)
        self._errors.pop(name, None)
        head, body = Peeked.of(walk)
        small = head.lstrip()[:1] in (b"{", b"[") or posixpath.basename(name) in ("VERSION", "version")
        if small and member.stored <= MAX_JSON:
            self._small[name] = _all(body)
            return member.stored
        try:
            known = self._remembered(name, body)
            self._layers[name] = (
                known or read_fresh(body, f"{self.where}: {name}", self.wanted, self._allowance).content
            )
        except InputError as error:
            self._errors[name] = error  # told when an image turns out to need it
        return 0

    def _remembered(self, name: str, body: Reader) -> LayerContent | None:
        """A layer that was read before by the digest in its name, which is held against the bytes that come by."""
        cache, digest = self.wanted.cache, promised(name)
        found = cache.find(digest) if cache is not None and digest else None
        if found is None or not found.charge(self._allowance, f"{self.where}: {name}"):
            return None
        if (real := digest_of(body)) != digest:
            what = f"has the digest {real}, its name says another one, which was read before"
            raise InputError(f"{self.where}: {name}", f"{what}; --no-cache reads it")
        return found.content

    def data(self, name: str) -> bytes | None:
        return self._small.get(self._followed(name))

    def _read_layer(self, name: str) -> LayerContent:
        if name in self._errors:
            raise self._errors[name]
        data = self._small.get(name)
        if data is None:
            raise InputError(self.where, f"lacks the layer {name}")
        return read_fresh(io.BytesIO(data), f"{self.where}: {name}", self.wanted, self._allowance).content


def _all(body: Reader) -> bytes:
    parts = []
    while data := body.read(1 << 20):
        parts.append(data)
    return b"".join(parts)
