"""Layers that were read before, and layers that several processes read: the same image each time."""

from __future__ import annotations

import io
import json
import os
import random
import sys
import zlib
from pathlib import Path

import pytest
from image_archives import docker_archive, layer_tar, oci_blobs, oci_layout, tar_of

from dfguard.cache import Cache
from dfguard.cli.main import main
from dfguard.errors import InputError
from dfguard.image import layer
from dfguard.image.layer import LayerContent, Wanted
from dfguard.image.layer_cache import LayerCache
from dfguard.image.model import Image
from dfguard.image.opening import open_image
from dfguard.image.packages.reader import PackageReader
from dfguard.image.runtime import is_account_file, masked
from dfguard.image.sources import reading
from dfguard.secrets.scanner import SecretScanner

TOKEN = ("gh" + "p_" + "1A2b3C4d5E6f7G8h9I0j" + "K1l2M3n4O5p6Q7r8").encode()  # made up
HASH = b"$6$salt$" + b"k3Fq9" * 12
STATUS = b"Package: a\nStatus: install ok installed\nVersion: 1-2\nArchitecture: amd64\n"
LAYERS = [
    layer_tar(
        {
            "etc/passwd": b"root:x:0:0:root:/root:/bin/sh\napp:" + HASH + b":10:10::/:/bin/sh\n",
            "etc/shadow": b"root:" + HASH + b":19700:0:99999:7:::\n",
            "var/lib/dpkg/status": STATUS,
            "run/token": TOKEN,
            "bin/run": b"#!/bin/sh\n",
            "\udcff": b"a name that is no UTF-8",
        },
        modes={"bin/run": 0o755},
    ),
    layer_tar({"run/.wh.token": b"", "bin/sh": "run", "run/token": TOKEN, "big": bytes(5 << 20) + TOKEN}),
    layer_tar({"bin/run": b"#!/bin/sh\n"}, modes={"bin/run": 0o755}),
]


def wanted(folder: Path, jobs: int = 1) -> Wanted:
    cache = LayerCache(Cache(str(folder)), "tests", masked)
    return Wanted(SecretScanner(), is_account_file, reader=PackageReader(), cache=cache, jobs=jobs)


def layouts(folder: Path) -> dict[str, str]:
    """The same image as archives with digests in their names, without any, and as a folder."""
    blobs, descriptor = oci_blobs(LAYERS)
    files = oci_layout([descriptor], blobs)
    (folder / "oci.tar").write_bytes(tar_of(files))
    (folder / "docker.tar").write_bytes(docker_archive(LAYERS))
    for name, data in files.items():
        (folder / "layout" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "layout" / name).write_bytes(data)
    return {name: str(folder / name) for name in ("oci.tar", "docker.tar", "layout")}


def never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_layer(*_: object) -> LayerContent:
        raise AssertionError("a layer was read again")

    monkeypatch.setattr(reading, "read_layer", read_layer)


@pytest.mark.parametrize("name", ["oci.tar", "docker.tar", "layout"])
def test_a_second_run_reads_no_layer_and_says_the_same(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = layouts(tmp_path)[name]
    first = open_image(path, wanted(tmp_path / "cache"))
    plain = open_image(path, wanted(tmp_path / "cache").but(cache=None))
    never_read(monkeypatch)
    assert open_image(path, wanted(tmp_path / "cache")) == first
    for one, other in zip(first.layers, plain.layers, strict=True):
        assert one.content.but(entries=(), replaced=(), kept=()) == other.content.but(entries=(), replaced=(), kept=())
        assert [e.path for e in one.content.entries] == [e.path for e in other.content.entries]
    with pytest.raises(AssertionError, match="was read again"):
        open_image(path, wanted(tmp_path / "another cache"))


def test_a_stream_is_known_by_the_digests_in_its_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = layouts(tmp_path)["oci.tar"]
    first = open_image(path, wanted(tmp_path / "cache"))
    never_read(monkeypatch)

    class Stdin:
        buffer = io.BytesIO(Path(path).read_bytes())

    monkeypatch.setattr(sys, "stdin", Stdin)
    assert open_image("-", wanted(tmp_path / "cache")).layers == first.layers


def lying(folder: Path) -> Path:
    """An archive in which another layer stands under the name of the first."""
    blobs, descriptor = oci_blobs(LAYERS)
    other, _ = oci_blobs([layer_tar({"other": b"1"})])
    name = next(name for name, data in blobs.items() if data[:2] == b"\x1f\x8b")
    blobs[name] = next(data for data in other.values() if data[:2] == b"\x1f\x8b")
    path = folder / "lying.tar"
    path.write_bytes(tar_of(oci_layout([descriptor], blobs)))
    return path


def test_what_is_known_is_never_told_of_another_blob(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_image(layouts(tmp_path)["oci.tar"], wanted(tmp_path / "cache"))
    path = lying(tmp_path)
    for _ in range(2):
        image = open_image(str(path), wanted(tmp_path / "cache"))
        assert [entry.path for entry in image.layers[0].content.entries] == ["/other"]
        assert "layer 0 has the digest sha256:" in image.problems[0]

    class Stdin:
        buffer = io.BytesIO(path.read_bytes())

    monkeypatch.setattr(sys, "stdin", Stdin)
    with pytest.raises(InputError, match=r"its name says another one, .* --no-cache reads it"):
        open_image("-", wanted(tmp_path / "cache"))


def test_no_secret_is_kept_nor_a_hash_of_one(tmp_path: Path) -> None:
    for path in layouts(tmp_path).values():
        image = open_image(path, wanted(tmp_path / "cache"))
    kept = list((tmp_path / "cache").glob("*.kept"))
    data = b"".join(zlib.decompress(path.read_bytes().split(b"\n", 1)[1][32:]) for path in kept)
    assert len(kept) == 6  # packed and plain layers
    assert b"GitHub token" in data
    assert TOKEN not in data
    assert HASH not in data
    assert b"root:x:" not in data
    assert str(zlib.crc32(TOKEN)).encode() not in data
    assert not {zlib.crc32(TOKEN), zlib.crc32(b"#!/bin/sh\n")} & checks(image)


def checks(image: Image) -> set[int]:
    return {entry.check for layer in image.layers for entry in layer.content.entries}


def test_equal_files_are_known_as_equal_whether_read_or_remembered(tmp_path: Path) -> None:
    path = layouts(tmp_path)["docker.tar"]
    open_image(path, wanted(tmp_path / "cache"))
    (tmp_path / "again.tar").write_bytes(
        docker_archive([*LAYERS[:2], layer_tar({"a": b"1", "bin/run": b"#!/bin/sh\n"})])
    )
    layers = open_image(str(tmp_path / "again.tar"), wanted(tmp_path / "cache")).layers
    by_path = [{entry.path: entry.check for entry in layer.content.entries} for layer in layers]
    assert by_path[0]["/bin/run"] == by_path[2]["/bin/run"] != by_path[2]["/a"]


def test_the_options_and_that_the_report_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = layouts(tmp_path)["docker.tar"]
    monkeypatch.setenv("DFGUARD_CACHE_DIR", str(tmp_path / "kept"))
    said = []
    for options in (["--no-cache"], [], [], ["--jobs", "2"]):
        main(["image", path, "--isolated", "--format", "json", "--packages", *options])
        said.append(json.loads(capsys.readouterr().out))
        assert (tmp_path / "kept").exists() == (len(said) > 1)
    assert said[0] == said[1] == said[2] == said[3]
    assert {finding["code"] for finding in said[0]["findings"]} >= {"DG901"}


@pytest.mark.skipif(sys.platform != "linux", reason="layers are read one after the other here")
def test_several_processes_read_the_same_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(1)
    layers = [layer_tar({f"{n}/{m}": draw.randbytes(m * 9000) for m in range(30)} | {f"t{n}": TOKEN}) for n in range(7)]
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(layers))
    plain = open_image(str(path), wanted(tmp_path).but(cache=None))
    parent = os.getpid()
    here = []
    read = layer.read_layer

    def read_layer(*more: object) -> LayerContent:
        here.append(os.getpid())
        return read(*more)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "read_layer", read_layer)
    for jobs in (2, 3, 9):
        assert open_image(str(path), wanted(tmp_path, jobs).but(cache=None)) == plain
    assert set(here) == {parent}
    assert len(here) < 3 * len(layers)


@pytest.mark.skipif(sys.platform != "linux", reason="layers are read one after the other here")
def test_a_layer_that_no_process_could_read_is_told_as_by_one(tmp_path: Path) -> None:
    layers = [layer_tar({"a": os.urandom(9 << 20)}), layer_tar({"b": os.urandom(9 << 20)}) + b"x", b"no archive"]
    path = tmp_path / "image.tar"
    path.write_bytes(docker_archive(layers))
    said = []
    for jobs in (1, 2):
        with pytest.raises(InputError) as error:
            open_image(str(path), wanted(tmp_path, jobs).but(cache=None))
        said.append(str(error.value))
    assert said[0] == said[1]
    assert "is no tar archive" in said[0]
