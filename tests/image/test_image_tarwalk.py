"""The tar walk beside the standard library's tarfile, and what is damaged."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_archives import layer_tar

from dfguard.errors import InputError
from dfguard.image.tarwalk import TarWalk

FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
_KINDS = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.CONTTYPE: "file",
    tarfile.GNUTYPE_SPARSE: "file",
    tarfile.LNKTYPE: "hardlink",
    tarfile.SYMTYPE: "symlink",
    tarfile.CHRTYPE: "device",
    tarfile.BLKTYPE: "device",
    tarfile.DIRTYPE: "dir",
    tarfile.FIFOTYPE: "fifo",
}


def walked(data: bytes) -> list[tuple[object, ...]]:
    walk = TarWalk(io.BytesIO(data), "x.tar")
    out: list[tuple[object, ...]] = []
    for member in walk:
        body = b""
        while piece := walk.read(1000):
            body += piece
        name = member.name.rstrip("/")
        out.append((name, member.kind, member.size, member.mode, member.uid, member.gid, member.link, body))
    return out


def by_tarfile(data: bytes) -> list[tuple[object, ...]]:
    out: list[tuple[object, ...]] = []
    with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape", encoding="utf-8") as archive:
        for m in archive:
            file = archive.extractfile(m) if m.isreg() else None
            body = file.read() if file else b""
            kind = _KINDS.get(m.type, "file")
            out.append((m.name, kind, m.size if file else 0, m.mode & 0o7777, m.uid, m.gid, m.linkname, body))
    return out


names = st.lists(
    st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=60),
    min_size=1,
    max_size=4,
).map("/".join)


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=draw(st.sampled_from(FORMATS[1:]))) as archive:
        for name in draw(st.lists(names, max_size=6)):
            member = tarfile.TarInfo(name)
            member.type = draw(st.sampled_from(sorted(set(_KINDS) - {tarfile.GNUTYPE_SPARSE, tarfile.CONTTYPE})))
            member.mode = draw(st.integers(0, 0o7777))
            member.uid = draw(st.integers(0, 2**40))
            member.gid = draw(st.integers(0, 70000))
            if member.type in (tarfile.LNKTYPE, tarfile.SYMTYPE):
                member.linkname = draw(names)
            body = draw(st.binary(max_size=1500)) if member.isreg() else b""
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    return out.getvalue()


@given(archives())
def test_members_are_those_that_tarfile_reads(data: bytes) -> None:
    assert walked(data) == by_tarfile(data)


@given(archives(), st.data())
def test_damage_is_an_error_of_one_line_or_reads_as_members(data: bytes, draw: st.DataObject) -> None:
    """Whatever bytes come, the walk ends and raises nothing but InputError."""
    damaged = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 6))):
        at = draw.draw(st.integers(0, max(0, min(len(damaged) - 1, 4096))))
        damaged[at] = draw.draw(st.integers(0, 255))
    try:
        walked(bytes(damaged))
    except InputError as error:
        assert str(error).startswith("x.tar: ")
        assert "\n" not in str(error)


@pytest.mark.parametrize("form", FORMATS)
def test_long_names_of_every_format(form: int) -> None:
    name = "/".join(["d" * 60] * 3)
    data = layer_tar({name: b"x", "short": name[:90]}, form=form)
    assert [found[0] for found in walked(data)] == [name, "short"]


def test_the_size_of_a_sparse_file_is_the_real_one_and_only_its_data_is_read(tmp_path: Path) -> None:
    import subprocess

    sparse = tmp_path / "sparse"
    with sparse.open("wb") as file:
        file.write(b"head")
        file.seek(5_000_000)
        file.write(b"tail")
    for options in (
        ["--format=gnu"],
        ["--format=posix", "--sparse-version=1.0"],
        ["--format=posix", "--sparse-version=0.1"],
    ):
        out = tmp_path / "a.tar"
        subprocess.run(["tar", "--sparse", *options, "-C", str(tmp_path), "-cf", str(out), "sparse"], check=True)
        ((name, kind, size, _, _, _, _, body),) = walked(out.read_bytes())
        assert (name, kind, size) == ("sparse", "file", 5_000_004)
        assert isinstance(body, bytes)
        assert body.strip(b"\0").startswith(b"head")
        assert body.rstrip(b"\0").endswith(b"tail")
        assert len(body) < 100_000


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"no archive, but text of some length" * 20, "is no tar archive"),
        (layer_tar({"a": b"x" * 3000})[:2000], "is cut short at byte"),
        (layer_tar({"a": b"x"})[:300], "is no tar archive"),
        (layer_tar({"a": b"x", "b": b""})[:1100], "is cut short at byte"),
        (layer_tar({"a": b"x"})[:1024] + b"rubbish" * 200, "has a damaged header at byte 1,024"),
    ],
)
def test_what_is_no_archive_is_said_with_its_place(data: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        walked(data)


def test_a_pax_record_without_a_length_is_refused() -> None:
    """It ends with a line end, and its first eight bytes hold no blank: once read for ever."""
    for records in (b"a=bcdefghijk\n", b"123456789 path=x\n", b" path=x\n"):
        member = tarfile.TarInfo("x")
        member.type, member.size = tarfile.XHDTYPE, len(records)
        data = member.tobuf(tarfile.USTAR_FORMAT) + records.ljust(512, b"\0")
        with pytest.raises(InputError, match="a damaged PAX header"):
            walked(data + layer_tar({"a": b"x"}))
        member.size = 512
        with pytest.raises(InputError, match="a damaged PAX header"):
            walked(member.tobuf(tarfile.USTAR_FORMAT) + records.rjust(512, b"a") + layer_tar({"a": b"x"}))


def test_a_long_name_without_end_is_refused() -> None:
    member = tarfile.TarInfo("././@LongLink")
    member.type, member.size = tarfile.GNUTYPE_LONGNAME, 2**40
    with pytest.raises(InputError, match="extended header"):
        walked(member.tobuf(tarfile.GNU_FORMAT))


def test_a_name_that_is_cut_behind_a_slash_is_no_folder() -> None:
    """ustar's field of 100 bytes ends with the slash; the whole name stands in a PAX or GNU header before it."""
    name = "a" * 99 + "/" + "b" * 20
    for form in FORMATS:
        data = layer_tar({name: b"content", "next": b"1"}, form=form)
        assert walked(data) == by_tarfile(data)
        assert [(each[0], each[1]) for each in walked(data)] == [(name, "file"), ("next", "file")]
