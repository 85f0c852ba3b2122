"""One pass over a layer: entries, whiteouts, digests, and names that lead astray."""

from __future__ import annotations

import gzip
import io
import tarfile
import zlib

import pytest
from image_archives import layer_of, layer_tar, packed, sha256

from dfguard.errors import InputError
from dfguard.image.layer import Wanted, read_layer
from dfguard.secrets.scanner import SecretScanner

KINDS = ("none", "gzip", "zstd", "bzip2", "xz")


@pytest.mark.parametrize("kind", KINDS)
def test_digests_are_those_of_the_blob_and_of_what_is_inside(kind: str) -> None:
    tar = layer_tar({"etc/passwd": b"root"})
    blob = packed(tar, kind)
    content = read_layer(io.BytesIO(blob), "layer")
    assert (content.digest, content.diff_id) == (sha256(blob), sha256(tar))
    assert (content.compression, content.size, content.unpacked) == (kind, len(blob), len(tar))
    assert [(e.path, e.size, e.check) for e in content.entries] == [("/etc/passwd", 4, zlib.crc32(b"root"))]


def test_gzip_of_several_members_and_padding_is_one_layer() -> None:
    tar = layer_tar({"a": b"1" * 5000})
    blob = gzip.compress(tar[:700]) + gzip.compress(tar[700:]) + bytes(100)
    content = read_layer(io.BytesIO(blob), "layer")
    assert (content.digest, content.diff_id) == (sha256(blob), sha256(tar))


@pytest.mark.parametrize("kind", KINDS[1:])
def test_damaged_and_cut_data_is_one_clear_error(kind: str) -> None:
    blob = packed(layer_tar({"a": bytes(range(256)) * 300}), kind)
    for damaged in (blob[: len(blob) // 2], blob[:40] + b"\xff" * 30 + blob[70:]):
        with pytest.raises(
            InputError, match=r"^layer: (is cut short|holds damaged|has a damaged header|is no tar archive)"
        ):
            read_layer(io.BytesIO(damaged), "layer")


def test_whiteouts_are_no_files_even_as_hard_links() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("app/.wh..env"))
        link = tarfile.TarInfo("app/.wh.id_rsa")
        link.type, link.linkname = tarfile.LNKTYPE, "app/.wh..env"
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("opt/.wh..wh..opq"))
        archive.addfile(tarfile.TarInfo(".wh..wh.plnk"))
        archive.addfile(tarfile.TarInfo("x/.wh..."))
    content = read_layer(io.BytesIO(out.getvalue()), "layer")
    assert content.entries == ()
    assert content.whiteouts == ("/app/.env", "/app/id_rsa")
    assert content.opaque == ("/opt",)
    assert content.problems == ("/x/.wh... is a whiteout of no file: left out, as engines do",)


def test_names_that_leave_the_image_are_left_out_and_said() -> None:
    content = layer_of({"../../etc/shadow": b"x", "./ok": b"y", "/abs": b"z", "a/./b//c": b"", "a/../d": b""})
    assert [e.path for e in content.entries] == ["/ok", "/abs", "/a/b/c", "/d"]
    assert content.problems == ("names '../../etc/shadow', which leads out of the image: left out, as engines do",)


def test_of_equal_paths_the_last_counts_and_the_first_is_told() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for body in (b"first", b"second!"):
            member = tarfile.TarInfo("a")
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    content = read_layer(io.BytesIO(out.getvalue()), "layer")
    assert [e.size for e in content.entries] == [7]
    assert [e.size for e in content.replaced] == [5]


def test_secrets_of_a_large_file_are_found_and_all_of_it_is_hashed() -> None:
    token = ("gh" + "p_" + "1A2b3C4d5E6f7G8h9I0j" + "K1l2M3n4O5p6Q7r8").encode()  # made up
    data = bytes(3 << 20) + b"\ntoken = " + token + b"\n" + bytes(range(256)) * 10_000
    wanted = Wanted(scanner=SecretScanner())
    content = read_layer(io.BytesIO(layer_tar({"big": data, "id_rsa": b"x", "plain": b"1"})), "layer", wanted)
    assert [found.path for found in content.secrets] == ["/big", "/id_rsa"]
    assert content.entries[0].check == zlib.crc32(data)
    assert token.decode() not in repr(content)


def test_what_a_program_needs_to_run_is_read_off_its_head() -> None:
    script = b"#!/bin/sh -e\r\necho\n"
    tar = layer_tar({"run.sh": script, "data.sh": script}, modes={"run.sh": 0o755})
    content = read_layer(io.BytesIO(tar), "layer")
    assert [e.interpreter for e in content.entries] == ["#!/bin/sh -e\r", ""]


def test_this_very_python_is_an_elf_program() -> None:
    import sys
    from pathlib import Path

    data = Path(sys.executable).resolve().read_bytes()
    if data[:4] != b"\x7fELF":
        pytest.skip("Python is no ELF program here")
    content = read_layer(io.BytesIO(layer_tar({"python": data}, modes={"python": 0o755})), "layer")
    assert content.entries[0].interpreter.startswith("elf:")
    assert "/ld-" in content.entries[0].interpreter


def test_asked_for_contents_are_kept() -> None:
    wanted = Wanted(keeps=lambda path: path == "/var/lib/dpkg/status")
    tar = layer_tar({"var/lib/dpkg/status": b"Package: x", "other": b"y"})
    assert read_layer(io.BytesIO(tar), "layer", wanted).kept == (("/var/lib/dpkg/status", b"Package: x"),)
