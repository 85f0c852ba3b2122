"""One layer, read in one pass: entries, whiteouts, digests, and what was asked for of the contents.

The blob is hashed as it comes (its digest) and as it is inside (its diff id), by the OCI image spec's
layer.md. Nothing is written to disk; of contents only what is named in `LayerContent` is kept.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from dfguard.image.allowance import MAX_ENTRIES, MAX_PATH, MAX_PATHS, Allowance
from dfguard.image.compression import CHUNK, Reader, decompressed
from dfguard.image.layer_data import HEAD, PIECE, Body, Hashed, crc32
from dfguard.image.program import interpreter_of
from dfguard.image.tarwalk import BLOCK, Member, TarWalk
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.image.packages.found import PackageFile
    from dfguard.secrets.scanner import FileSecrets
    from dfguard.secrets.skips import Skip

BATCH = 1 << 18  # bytes of small files that are scanned together
MAX_KEPT = 16 << 20
MAX_SKIPS = 100_000

_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"


class Scanner(Protocol):
    """What looks for secrets in files: dfguard.secrets.scanner.SecretScanner."""

    def scan(self, path: str, pieces: Iterable[bytes]) -> FileSecrets:
        """Look at a file whose bytes come in pieces, not all of which need be asked for."""

    def scan_many(self, files: Sequence[tuple[str, bytes]]) -> list[FileSecrets]:
        """Look at small files; what there is to tell of any of them, in order. It takes less time than `scan`."""


class ContentReader(Protocol):
    """What reads facts off whole files: dfguard.image.packages.reader.PackageReader."""

    def most(self, path: str, head: bytes) -> int:
        """How many bytes of a file it needs, by its path and its first bytes; 0 for a file it does not ask for."""

    def read(self, path: str, data: bytes | bytearray, size: int) -> PackageFile | None:
        """Look at a file of `size` bytes of which `data` are the first ones; None for one that tells nothing."""


class LayerEntry(Struct):
    """A file, folder or link of a layer.

    `path` is absolute in the image. `kind` is that of tarwalk.Member; `link` what a link points to, for a
    hard link the absolute path of another entry. `check` tells whether two files of one size hold the same data (a
    cyclic redundancy check, not safe against who means to deceive); 0 for sparse files and for what is no file.
    `interpreter` is what an executable file needs to run (image.program).
    """

    path: str
    kind: str
    size: int
    mode: int
    uid: int
    gid: int
    mtime: int
    link: str = ""
    check: int = 0
    interpreter: str = ""
    capabilities: bool = False

    def same_as(self, other: LayerEntry) -> bool:
        """Whether nothing but the time of the last change tells it from `other`."""
        return all(getattr(self, name) == getattr(other, name) for name in _COMPARED)


_COMPARED = ("kind", "size", "mode", "uid", "gid", "link", "check", "capabilities")


class LayerContent(Struct):
    """What one pass over a layer has found.

    `digest` and `diff_id` are recomputed, `sha256:` and hex. `size` is that of the blob, `unpacked` that of the
    archive inside, in bytes. `entries` are in the order of the archive, the last of equal paths only;
    `replaced` those that a later entry of the same layer replaces. `whiteouts` are the paths that this layer
    removes from lower ones, `opaque` the folders of which it hides all that lower ones hold. `secrets` are the files
    that hold some, if they were `scanned` for them, `skips` what was not looked into. `kept` are the contents that were
    asked for, `packages` the files that tell of packages. `problems` are one line each.
    """

    digest: str
    diff_id: str
    compression: str
    size: int
    unpacked: int
    entries: tuple[LayerEntry, ...] = ()
    replaced: tuple[LayerEntry, ...] = ()
    whiteouts: tuple[str, ...] = ()
    opaque: tuple[str, ...] = ()
    secrets: tuple[FileSecrets, ...] = ()
    skips: tuple[Skip, ...] = ()
    kept: tuple[tuple[str, bytes], ...] = ()
    problems: tuple[str, ...] = ()
    packages: tuple[PackageFile, ...] = ()
    scanned: bool = False

    @property
    def content_size(self) -> int:
        """The bytes of all files, as `docker history` counts them."""
        return sum(entry.size for entry in self.entries)


class Reading(Struct):
    """A layer, and what of the allowance it took: entries, and characters of paths."""

    content: LayerContent
    entries: int
    paths: int

    def charge(self, allowance: Allowance, where: str) -> bool:
        """Take that from an allowance; False if there is no room, and it must be read to see how far one comes.

        Raises InputError for what grows beyond all measure, as reading it would.
        """
        if allowance.entries + self.entries > MAX_ENTRIES or allowance.paths + self.paths > MAX_PATHS:
            return False
        allowance.entries += self.entries
        allowance.paths += self.paths
        allowance.packed += self.content.size
        if self.content.compression != "none":
            allowance.grow(self.content.unpacked, where)
        return True


class LayerStore(Protocol):
    """Layers that were read before for the same purpose: dfguard.image.layer_cache.LayerCache."""

    def has(self, digest: str) -> bool:
        """Whether a layer of this digest seems to be there, before anything is read."""

    def find(self, digest: str) -> Reading | None:
        """The layer of a digest, if it was read before."""

    def keep(self, reading: Reading) -> Reading:
        """Keep a layer; the result is what `find` will give."""


class Wanted(Struct):
    """What a pass is asked for besides entries and digests.

    `scanner` looks for secrets in every file. `keeps(path)` names the files whose contents are kept, up to
    `most_kept` bytes each. `reader` reads facts off files. `cache` holds layers that were read
    before; `jobs` is the number of processes that may read layers.
    """

    scanner: Scanner | None = None
    keeps: Callable[[str], bool] | None = None
    most_kept: int = MAX_KEPT
    reader: ContentReader | None = None
    cache: LayerStore | None = None
    jobs: int = 1


def read_layer(
    raw: Reader, where: str, wanted: Wanted | None = None, allowance: Allowance | None = None
) -> LayerContent:
    """Read a layer to its end. Raises InputError, which names `where`, for one that is no archive or is damaged.

    Several layers of one source share an `allowance`, which has counted the bytes of `raw` itself.
    """
    if allowance is None:
        allowance = Allowance()
        raw = allowance.counted(raw)
    collecting = gc.isenabled()
    gc.disable()  # a pass makes hundreds of thousands of records and no circles
    try:
        return _Pass(raw, where, wanted or Wanted(), allowance).run()
    finally:
        if collecting:
            gc.enable()


class _Pass:
    """The pass over one layer, and what it has found so far."""

    def __init__(self, raw: Reader, where: str, wanted: Wanted, allowance: Allowance) -> None:
        self.allowance = allowance
        self.blob = Hashed(raw)
        self.compression, inner = decompressed(self.blob, where, allowance)
        self.archive = Hashed(inner)
        self.walk = TarWalk(self.archive, where)
        self.wanted = wanted
        self.entries: dict[str, LayerEntry] = {}
        self.replaced: list[LayerEntry] = []
        self.whiteouts: list[str] = []
        self.opaque: list[str] = []
        self.secrets: list[FileSecrets] = []
        self.skips: list[Skip] = []
        self.waiting: list[tuple[str, bytes]] = []  # small files that are to be scanned
        self.waits = 0  # bytes of them, headers included
        self.kept: dict[str, bytes] = {}
        self.problems: list[str] = []
        self.packages: dict[str, PackageFile] = {}
        self.unlisted: set[str] = set()  # folders of entries that are no entries themselves

    def run(self) -> LayerContent:
        for member in self.walk:
            characters = len(member.name) + len(member.link)
            if not self.allowance.entry(characters):
                most = f"{MAX_ENTRIES:,} entries, or {MAX_PATHS:,} characters of paths"
                self.problems.append(f"passes, with those below it, {most}: the rest was not looked at")
                break
            if characters > MAX_PATH and max(len(member.name), len(member.link)) >= MAX_PATH:
                self.problem(
                    f"has a name or link of more than {MAX_PATH:,} characters: left out, no engine can unpack it"
                )
                continue
            self.see(member)
        self.scan_waiting()
        self.walk.drain()
        while self.blob.read(CHUNK):  # padding behind the compressed data is part of the blob
            pass
        return LayerContent(
            self.blob.digest, self.archive.digest, self.compression, self.blob.count, self.archive.count,
            tuple(self.entries.values()), tuple(self.replaced), tuple(self.whiteouts), tuple(self.opaque),
            tuple(self.secrets), tuple(self.skips), tuple(self.kept.items()), tuple(self.problems),
            tuple(self.packages.values()), self.wanted.scanner is not None,
        )  # fmt: skip

    def see(self, member: Member) -> None:
        path = self.path(member.name)
        if path is None:
            self.problem(f"names {member.name!r}, which leads out of the image: left out, as engines do")
            return
        folder, _, name = path.rpartition("/")
        if name.startswith(_WHITEOUT):  # overlay whiteouts may be hard links to one another: the name decides
            self.whiteout(folder, name)
            return
        link = member.link
        if member.kind == "hardlink":
            link = self.path(link) or ""
            if not link:
                self.problem(f"{path} is a hard link that leads out of the image")
        elif member.kind != "symlink":
            link = ""
        check, head = 0, b""
        if member.kind == "file":
            check, head = self.small(path, member) if member.stored <= PIECE else self.data(path, member)
        runs = member.kind == "file" and member.mode & 0o111
        entry = LayerEntry(
            path, member.kind, member.size, member.mode, member.uid, member.gid, member.mtime, link, check,
            interpreter_of(head) if runs else "", member.capabilities,
        )  # fmt: skip
        if member.kind != "file":
            self.packages.pop(path, None)
        old = self.entries.pop(path, None)
        if old is not None and old.kind != "dir":
            self.replaced.append(old)
        self.entries[path] = entry
        self.list_folders(folder)

    def list_folders(self, folder: str) -> None:
        """Count the folders that an entry implies: a thousand names of 2,000 parts each imply two million."""
        while folder and folder not in self.entries and folder not in self.unlisted:
            self.unlisted.add(folder)
            self.allowance.paths += len(folder)
            folder = folder.rpartition("/")[0]

    def whiteout(self, folder: str, name: str) -> None:
        if name == _OPAQUE:
            self.opaque.append(folder or "/")
        elif name.startswith(_WHITEOUT * 2):
            return  # aufs kept its own records under such names; engines pass them over
        elif name[len(_WHITEOUT) :] in ("", ".", ".."):
            self.problem(f"{folder}/{name} is a whiteout of no file: left out, as engines do")
        else:
            self.whiteouts.append(f"{folder}/{name[len(_WHITEOUT) :]}")
            self.list_folders(folder)

    def small(self, path: str, member: Member) -> tuple[int, bytes]:
        """As `data`, of a member that is read at once, as nearly all are."""
        wanted = self.wanted
        data = self.walk.read(member.stored)
        head = data[:HEAD]
        if wanted.scanner is not None:
            self.waiting.append((path, data))
            self.waits += len(data) + BLOCK
            if self.waits >= BATCH:
                self.scan_waiting()
        if wanted.keeps is not None and wanted.keeps(path):
            self.kept[path] = data[: wanted.most_kept]
        if wanted.reader is not None and data and (asked := wanted.reader.most(path, head)):
            self.told(path, member, data, asked)
        return (crc32(data) if member.stored == member.size else 0), head

    def data(self, path: str, member: Member) -> tuple[int, bytes]:
        """Read the member's data: its checksum (0 for a sparse file) and its first bytes."""
        wanted = self.wanted
        keeps = wanted.keeps is not None and wanted.keeps(path)
        body = Body(
            self.walk,
            wanted.most_kept if keeps else HEAD,
            path,
            wanted.reader.most if wanted.reader is not None else None,
        )
        if wanted.scanner is not None:
            self.scan_waiting()
            self.scanned(wanted.scanner.scan(path, body.pieces()))
        for _ in body.pieces():
            pass
        if keeps:
            self.kept[path] = bytes(body.head[: wanted.most_kept])
        self.told(path, member, body.head, body.asked)
        return (body.check if member.stored == member.size else 0), bytes(body.head[:HEAD])

    def scan_waiting(self) -> None:
        """Let the scanner look at small files together."""
        if self.wanted.scanner is not None:
            for found in self.wanted.scanner.scan_many(self.waiting):
                self.scanned(found)
        self.waiting, self.waits = [], 0

    def scanned(self, found: FileSecrets) -> None:
        if found.secret is not None or found.places:
            self.secrets.append(found)
        if found.skips and len(self.skips) < MAX_SKIPS:
            self.skips += found.skips
        elif found.skips:
            self.problem(f"has more than {MAX_SKIPS:,} files that were not looked into: only these are listed")

    def told(self, path: str, member: Member, data: bytes | bytearray, asked: int) -> None:
        """Let the reader have so many of the first bytes of a file as it has asked for."""
        if asked and self.wanted.reader is not None:
            told = self.wanted.reader.read(path, data[:asked] if len(data) > asked else data, member.size)
            if told is not None:
                self.packages[path] = told

    def path(self, name: str) -> str | None:
        """The absolute path in the image, None for one that leads out of it."""
        if name.startswith("./"):
            name = name[2:]
        if "//" not in name and "/." not in name and not name.startswith((".", "/")):
            return "/" + name.rstrip("/")
        parts: list[str] = []
        for part in name.split("/"):
            if part == "..":
                if not parts:
                    return None
                parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        return "/" + "/".join(parts)

    def problem(self, text: str) -> None:
        if len(self.problems) < 100 and text not in self.problems:
            self.problems.append(text)
