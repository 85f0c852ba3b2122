"""What is in an archive of the build context: names, modes, owners and sizes, within limits."""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import IO, TYPE_CHECKING, BinaryIO, Protocol

from dfguard.errors import InputError
from dfguard.flow.paths import is_tar_header
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.flow.events import Added

MAX_MEMBERS = 50_000
MAX_UNPACKED = 200_000_000  # bytes of a compressed archive that are looked through
FILE, FOLDER, LINK, HARD, OTHER = "file", "folder", "link", "hard", "other"


class Member(Struct):
    """One entry of an archive.

    `kind` is `file`, `folder`, `link`, `hard` (another name of an earlier entry) or `other` (device, FIFO);
    `target` is what a link points to. `user` and `group` are names, "" for none. `added` is the file that a
    RUN packed.
    """

    name: str
    kind: str
    mode: int | None
    owner: str | None
    size: int | None
    target: str = ""
    user: str = ""
    group: str = ""
    added: Added | None = None


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class TooMuch(Exception):
    """The archive is larger than is looked through."""


def tar_members(file: BinaryIO) -> tuple[Member, ...] | None:
    """The entries of a tar, plain or compressed, in order; None when it can't be read here or is too large."""
    import tarfile
    from lzma import LZMAError

    try:
        with _opened(file) as plain, tarfile.open(fileobj=plain, mode="r:", errorlevel=0) as archive:
            members: list[Member] = []
            for found in archive:
                if len(members) == MAX_MEMBERS:
                    return None
                members.append(_member(found))
            return tuple(members)
    except (tarfile.TarError, OSError, EOFError, ValueError, LZMAError, zlib.error, TooMuch, InputError):
        return None


def _member(found: object) -> Member:
    import tarfile

    assert isinstance(found, tarfile.TarInfo)
    kind = OTHER
    if found.isreg():
        kind = FILE
    elif found.isdir():
        kind = FOLDER
    elif found.issym():
        kind = LINK
    elif found.islnk():
        kind = HARD
    owner = f"{found.uid}:{found.gid}"
    return Member(found.name, kind, found.mode & 0o7777, owner, found.size, found.linkname, found.uname, found.gname)


def zip_members(file: BinaryIO) -> tuple[Member, ...] | None:
    """The entries of a zip; None when it can't be read or is too large."""
    import zipfile

    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    if len(entries) > MAX_MEMBERS:
        return None
    out = []
    for entry in entries:
        link = (entry.external_attr >> 28) == 0o12
        kind = OTHER if link else FOLDER if entry.is_dir() else FILE
        out.append(Member(entry.filename.rstrip("/"), kind, None, None, entry.file_size))
    return tuple(out)


def _opened(file: BinaryIO) -> IO[bytes]:
    """The archive without its compression."""
    head = file.read(6)
    file.seek(0)
    if head[:2] == b"\x1f\x8b":
        import gzip

        return _unpacked(gzip.GzipFile(fileobj=file))
    if head[:3] == b"BZh":
        import bz2

        return _unpacked(bz2.BZ2File(file))
    if head == b"\xfd7zXZ\0":
        import lzma

        return _unpacked(lzma.LZMAFile(file))
    if head[:4] == b"\x28\xb5\x2f\xfd":
        from dfguard.image.compression import decompressed

        return _unpacked(decompressed(file, "the archive")[1])
    return file


def holds_tar(file: BinaryIO) -> bool | None:
    """Whether a compressed file is a tar inside; None when nothing here reads its compression."""
    from dfguard.image.compression import decompressed

    try:
        return is_tar_header(decompressed(file, "the archive")[1].read(512))
    except InputError as error:
        return None if isinstance(error.__cause__, ImportError) else False


def _unpacked(packed: _Readable) -> IO[bytes]:
    """All of it in memory; raises TooMuch when it is more than is looked through."""
    out = BytesIO()
    while piece := packed.read(1 << 20):
        out.write(piece)
        if out.tell() > MAX_UNPACKED:
            raise TooMuch
    out.seek(0)
    return out
