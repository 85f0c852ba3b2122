"""Drawn archives, whole and damaged, beside the standard library's tarfile.

What tarfile reads to its end the walk reads alike, or refuses cleanly; on what is whole and well formed both agree.
Where two extended headers of one kind stand before one member, the last counts, as for container engines (Go's
archive/tar); tarfile takes the first: such archives are left out.
DFGUARD_TAR_FUZZ is the number of archives, DFGUARD_TAR_SEED the first seed.
"""

from __future__ import annotations

import io
import os
import random
import tarfile
from collections.abc import Iterator

import pytest
from test_image_tarwalk import by_tarfile, walked

from dfguard.errors import InputError
from dfguard.image.tarwalk import TarWalk

COUNT = int(os.environ.get("DFGUARD_TAR_FUZZ", "80"))
SEED = int(os.environ.get("DFGUARD_TAR_SEED", "1"))
DAMAGES = 6  # of each archive

_LETTERS = ("a", "b.c", "é", "x" * 40, "long " * 23, "-", ".wh.a", "\udcff", "日本" * 20)
_TYPES = (
    tarfile.REGTYPE, tarfile.REGTYPE, tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE,
    tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE, tarfile.AREGTYPE,
)  # fmt: skip


def member(draw: random.Random) -> tuple[tarfile.TarInfo, bytes]:
    made = tarfile.TarInfo("/".join(draw.choices(_LETTERS, k=draw.randint(1, 5))))
    made.type = draw.choice(_TYPES)
    made.mode = draw.choice((0o644, 0o4755, 0o1777, 0))
    made.uid, made.gid = draw.choice(((0, 0), (1000, 10), (2_000_000, 3), (1 << 33, 1)))
    made.mtime = draw.choice((0, 1_700_000_000, 1 << 35))
    if made.type in (tarfile.SYMTYPE, tarfile.LNKTYPE):
        made.linkname = "/".join(draw.choices(_LETTERS, k=draw.randint(1, 6)))
    body = draw.randbytes(draw.choice((0, 1, 511, 512, 513, 3000, 300_000))) if made.isreg() else b""
    made.size = len(body)
    if draw.random() < 0.2:
        made.pax_headers = {"comment": "x" * draw.randint(1, 900), "SCHILY.xattr.user.a": "b"}
    return made, body


def archive(draw: random.Random) -> bytes:
    """An archive of one of three formats."""
    out = io.BytesIO()
    form = draw.choice((tarfile.PAX_FORMAT, tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT))
    told = {"comment": "of all"} if form == tarfile.PAX_FORMAT and draw.random() < 0.2 else None
    with tarfile.open(
        fileobj=out, mode="w", format=form, encoding="utf-8", errors="surrogateescape", pax_headers=told
    ) as made:
        for _ in range(draw.randint(0, 12)):
            each, body = member(draw)
            try:
                made.addfile(each, io.BytesIO(body))
            except ValueError:  # ustar has no room for such names and numbers
                continue
            if draw.random() < 0.1 and form != tarfile.USTAR_FORMAT:
                made.fileobj.write(sparse(draw, form))
    return out.getvalue()


def sparse(draw: random.Random, form: int) -> bytes:
    """A file of holes and one piece of data, as GNU tar writes it in both formats; holes are read as stored."""
    body, hole = draw.randbytes(draw.choice((512, 1024))), draw.choice((512, 4096))
    made = tarfile.TarInfo("sparse")
    if form == tarfile.GNU_FORMAT:
        made.type, made.size = tarfile.GNUTYPE_SPARSE, len(body)
        block = bytearray(made.tobuf(tarfile.GNU_FORMAT))
        block[386:410] = b"%011o\0%011o\0" % (hole, len(body))
        block[483:495] = b"%011o\0" % (hole + len(body))
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
        return bytes(block) + body
    made.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "sparse"}
    made.pax_headers["GNU.sparse.realsize"] = str(hole + len(body))
    map_of = f"1\n{hole}\n{len(body)}\n".encode().ljust(512, b"\0")
    made.size = 512 + len(body)
    return made.tobuf(tarfile.PAX_FORMAT) + map_of + body


def damaged(draw: random.Random, data: bytes) -> Iterator[bytes]:
    """Cut anywhere, one byte or a few changed, a block left out or doubled."""
    for _ in range(DAMAGES):
        way = draw.randrange(4)
        made = bytearray(data)
        at = draw.randrange(len(data))
        block = at // 512 * 512
        if way == 0:
            yield data[:at]
        elif way == 1:
            for _ in range(draw.choice((1, 1, 3))):
                made[draw.randrange(len(made))] = draw.randrange(256)
            yield bytes(made)
        elif way == 2:
            yield data[:block] + data[block + 512 :]
        else:
            yield data[:block] + data[block : block + 512] * 2 + data[block + 512 :]


def told(data: bytes) -> list[tuple[object, ...]] | None:
    """What the walk reads; None for what it refuses."""
    try:
        return walked(data)
    except InputError:
        return None


def by_library(data: bytes) -> list[tuple[object, ...]] | None:
    try:
        return by_tarfile(data)
    except (tarfile.TarError, ValueError, OSError, EOFError, IndexError, OverflowError, KeyError):
        return None


def holes(read: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Members without the data of sparse files, of which the walk gives what is stored."""
    return [each[:-1] if each[0] == "sparse" else each for each in read]


@pytest.mark.parametrize("seed", range(SEED, SEED + COUNT))
def test_the_walk_and_tarfile_agree_on_drawn_archives(seed: int) -> None:
    draw = random.Random(seed)
    data = archive(draw)
    whole, expected = told(data), by_library(data)
    assert whole is not None
    assert holes(whole) == holes(expected or [])  # tarfile refuses an archive of nothing but a global header
    for broken in damaged(draw, data):
        read, expected = told(broken), by_library(broken)
        if read is not None and expected is not None and not Repeats(io.BytesIO(broken), "x.tar").any():
            assert same_start(holes(read), holes(expected))


class Repeats(TarWalk):
    """Whether any member has two extended headers of one kind."""

    def any(self) -> bool:
        self.flags: list[bytes] = []
        self.found = False
        for _ in self:
            self.flags = []
        return self.found

    def _extend(self, flag: bytes, header: bytes, records: dict[str, bytes]) -> None:
        self.found = self.found or flag in self.flags
        self.flags.append(flag)
        super()._extend(flag, header, records)


def same_start(one: list[tuple[object, ...]], other: list[tuple[object, ...]]) -> bool:
    """tarfile takes a damaged header behind the first member for the end; the walk never does."""
    return one[: len(other)] == other
