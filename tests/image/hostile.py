"""Image archives that are meant to hurt, each with what must be said of it. Small on disk, whatever they grow to."""

from __future__ import annotations

import gzip
import json
import os
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from image_archives import config_json, layer_tar, oci_blobs, oci_layout, packed, sha256, tar_of

from dfguard.struct import Struct


class Hostile(Struct):
    """An archive or folder, made in a folder of its own, and a pattern of what is said of it.

    `code` is the exit code: 2 for what can't be read, with one line on standard error; else `says` is in the report.
    """

    name: str
    make: Callable[[Path], Path]
    says: str
    code: int = 2


def docker(*layers: bytes, config: bytes | None = None, more: dict[str, Any] | None = None) -> dict[str, bytes | str]:
    """The members of a small archive whose layers may be anything."""
    names = [f"{index}.tar" for index in range(len(layers))]
    listed = [{"Config": "c.json", "RepoTags": ["app:1"], "Layers": names, **(more or {})}]
    settings = config_json(layers) if config is None else config
    return {**dict(zip(names, layers, strict=True)), "c.json": settings, "manifest.json": json.dumps(listed).encode()}


def header(name: str = "f", size: int = 0, kind: bytes = b"0", field: bytes | None = None, **more: Any) -> bytes:
    """One header; `field` is what stands in place of its size, checksum put right."""
    member = tarfile.TarInfo(name)
    member.size, member.type = size, kind
    for key, value in more.items():
        setattr(member, key, value)
    block = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    if field is not None:
        block[-512 + 124 : -512 + 136] = field
        block[-512 + 148 : -512 + 156] = b" " * 8
        block[-512 + 148 : -512 + 156] = b"%06o\0 " % sum(block[-512:])
    return bytes(block)


def pax(records: bytes, flag: bytes = b"x") -> bytes:
    return header("x", len(records), flag) + records + bytes(-len(records) % 512)


def record(key: bytes, value: bytes) -> bytes:
    """`LENGTH KEY=VALUE`, the length counting itself."""
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest)
    while len(b"%d" % length) + len(rest) != length:
        length = len(b"%d" % length) + len(rest)
    return b"%d" % length + rest


def gzip_of(*pieces: Iterable[bytes]) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return b"".join([*(packer.compress(piece) for each in pieces for piece in each), packer.flush()])


def gzip_bomb(head: bytes, size: int) -> bytes:
    """So many zeros behind `head`, a megabyte of them packed once; the end is not worth the time it takes to make."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    first = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + (packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)) * (size >> 20)


END = bytes(1024)
FILE = header("f") + END
BOMB = 3 << 30  # bytes


def zstd_bomb(size: int) -> bytes:
    """Blocks of one repeated byte (RFC 8878, 3.1.1.2): 4 bytes for 128 KiB."""
    block = (1 << 1 | (1 << 17) << 3).to_bytes(3, "little") + b"\0"
    return b"\x28\xb5\x2f\xfd\x00\x58" + block * (size >> 17) + b"\x01\0\0"


def many(names: Iterable[str]) -> Iterator[bytes]:
    """Empty files of short names; tarfile would take a minute for a million headers."""
    plain = bytearray(header(""))
    plain[148:156] = b" " * 8
    total = sum(plain)
    for name in map(str.encode, names):
        plain[:100] = name.ljust(100, b"\0")
        plain[148:156] = b"%06o\0 " % (total + sum(name))
        yield bytes(plain)
    yield END


def numbers(count: int) -> Iterable[str]:
    return map(str, range(count))


def as_tar(members: dict[str, bytes | str]) -> Callable[[Path], Path]:
    return as_bytes(lambda: tar_of(members))


def as_bytes(data: Callable[[], bytes]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / "image.tar"
        path.write_bytes(data())
        return path

    return make


def layers(*each: bytes | Callable[[], bytes], **more: Any) -> Callable[[Path], Path]:
    """An archive of layers, those that take time to make given as functions."""
    return as_bytes(lambda: tar_of(docker(*(layer if isinstance(layer, bytes) else layer() for layer in each), **more)))


def lying_digest(part: str) -> dict[str, bytes | str]:
    """An OCI archive with another blob under the name of its layer, configuration or manifest."""
    blobs, descriptor = oci_blobs([layer_tar({"a": b"1"})])
    other, _ = oci_blobs([layer_tar({"b": b"1"})], author="somebody else")
    find: dict[str, Callable[[bytes], bool]] = {
        "layer": lambda data: data[:2] == b"\x1f\x8b",
        "configuration": lambda data: b'"rootfs"' in data,
        "manifest": lambda data: b'"config": {"mediaType"' in data,
    }
    name = next(name for name, data in blobs.items() if find[part](data))
    blobs[name] = next(data for data in other.values() if find[part](data))
    return dict(oci_layout([descriptor], {**other, **blobs}))


def lying_type() -> dict[str, bytes | str]:
    blobs, _ = oci_blobs([layer_tar({"a": b"1"})], "none")
    name, data = next((name, data) for name, data in blobs.items() if b'"config": {"mediaType"' in data)
    del blobs[name]
    data = data.replace(b"layer.v1.tar", b"layer.v1.tar+zstd")
    blobs[f"blobs/sha256/{sha256(data)[7:]}"] = data
    return dict(oci_layout([{"digest": sha256(data)}], blobs))


def nested(depth: int) -> dict[str, bytes | str]:
    blobs, descriptor = oci_blobs([layer_tar({"a": b"1"})])
    for _ in range(depth):
        data = json.dumps({"manifests": [descriptor]}).encode()
        descriptor = {"digest": sha256(data), "size": len(data)}
        blobs[f"blobs/sha256/{sha256(data)[7:]}"] = data
    return dict(oci_layout([descriptor], blobs))


def one_manifest_under_many_names() -> bytes:
    """Digests are made up and lead to one large document."""
    digests = [f"{index:064x}" for index in range(200)]
    index = {"manifests": [{"digest": f"sha256:{digest}"} for digest in digests]}
    blobs: dict[str, bytes | str] = {f"blobs/sha256/{digest}": f"{digests[0]}" for digest in digests[1:]}
    config = {"digest": f"sha256:{digests[0]}"}
    document = json.dumps({"config": config, "annotations": {"x": "y" * 1_000_000}}).encode()
    return gzip.compress(
        tar_of({f"blobs/sha256/{digests[0]}": document, **blobs, "index.json": json.dumps(index).encode()})
    )


def folder_of(links: dict[str, str], files: dict[str, bytes] | None = None) -> Callable[[Path], Path]:
    """An OCI folder in which some names are links, beside a file that is none of its business."""

    def make(folder: Path) -> Path:
        blobs, descriptor = oci_blobs([layer_tar({"a": b"1"})])
        root = folder / "layout"
        layer = next(name for name, data in blobs.items() if data[:2] == b"\x1f\x8b")
        all_files = oci_layout([descriptor], blobs) if files is None else files
        (folder / "outside").mkdir()
        for name, data in all_files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)
        (folder / "outside" / "file").write_bytes(blobs[layer])
        for name, target in links.items():
            place = root / (layer if name == "LAYER" else name)
            if place.is_dir():
                place.rename(folder / "outside" / "blobs")
            place.unlink(missing_ok=True)
            if target == "FIFO":
                os.mkfifo(place)
            else:
                os.symlink(target, place)
        return root

    return make


def escapes() -> bytes:
    """Every way out of the folder that a layer is unpacked in."""
    return b"".join(
        [
            header("../../outside-1", 1) + b"x" + bytes(511),
            header("/abs/outside-2", 1) + b"x" + bytes(511),
            header("a/../../outside-3", 1) + b"x" + bytes(511),
            header("link", kind=b"2", linkname="../../.."),
            header("link/outside-4", 1) + b"x" + bytes(511),
            header("hard", kind=b"1", linkname="../../etc/passwd"),
            header("dev/mem", kind=b"3", devmajor=1, devminor=1),
            header("dev/sda", kind=b"4", devmajor=8),
            header("pipe", kind=b"6"),
            header("\x1b[31mred"),
            header("../.wh.outside-5"),
            header(".wh..."),
            header(".wh."),
            pax(record(b"path", b"../../outside-6")) + header("f"),
            header("././@LongLink", 18, b"L") + b"../../../outside-7".ljust(512, b"\0") + header("f"),
            END,
        ]
    )


def hard_links(count: int) -> bytes:
    """A file of so many names that is deleted: no name may be looked up once for each other one."""
    links = (header(f"d/{index}", kind=b"1", linkname="d/f") for index in range(count))
    return header("d", kind=b"5") + header("d/f", 600) + b"A=" + bytes(1022) + b"".join(links) + END


def huge_config(**more: Any) -> bytes:
    return config_json([FILE], **more)


BASE_256 = b"\x80" + b"\x7f" * 11
NEGATIVE = b"\xff" * 12

CASES = [
    Hostile("ways out of the image", layers(escapes()), r"names '../../outside-1', which leads out of the image", 0),
    Hostile("duplicates", layers(header("f") * 3000 + header("f", kind=b"5") + header("f") + END), "image", 0),
    Hostile(
        "duplicate account files",
        layers(lambda: gzip_of((header("etc/passwd", 4 << 20), bytes(4 << 20)) * 100)),
        "image",
        0,
    ),
    Hostile("gzip bomb", layers(lambda: gzip_bomb(b"", BOMB)), r"grows to [0-9,]+ times its size"),
    Hostile("gzip bomb in a file", layers(lambda: gzip_bomb(header("f", BOMB), BOMB)), r"grows to [0-9,]+ times"),
    Hostile(
        "zstd bomb in a file",
        layers(lambda: packed(header("f", BOMB), "zstd") + zstd_bomb(BOMB)),
        r"grows to [0-9,]+ times",
    ),
    Hostile(
        "bombs, each below the limit",
        as_bytes(lambda: gzip.compress(tar_of(docker(*(gzip_bomb(header("f", 1 << 28), 1 << 28),) * 9)))),
        r"grows to [0-9,]+ times",
    ),
    Hostile("a bomb around the archive", as_bytes(lambda: gzip_bomb(header("f", BOMB), BOMB)), r"grows to"),
    Hostile("gzip members without end", layers(gzip.compress(FILE) + gzip.compress(b"") * 100_000), "image", 0),
    Hostile("a name no engine takes", layers(header("a/" * 3000 + "f") + END), r"more than 4,096 characters", 0),
    Hostile("hard links to what is deleted", layers(hard_links(30_000), layer_tar({".wh.d": b""})), "image", 0),
    Hostile(
        "links in a circle",
        layers(
            header("a", kind=b"2", linkname="b")
            + header("b", kind=b"2", linkname="a")
            + header("c", kind=b"1", linkname="d")
            + header("d", kind=b"1", linkname="c")
            + END
        ),
        "image",
        0,
    ),
    Hostile("cut member", layers(header("f", 5000) + b"x" * 600), r"0.tar: is cut short at byte 1,112"),
    Hostile("size in base 256", layers(header(field=BASE_256) + END), r"holds a size of [0-9,]+ bytes"),
    Hostile("negative size", layers(header(field=NEGATIVE) + END), r"holds a size of -1 bytes"),
    Hostile("negative octal size", layers(header(field=b"-0000000777\0") + END), r"holds a size of -511 bytes"),
    Hostile("size that is no number", layers(header(field=b"many bytes.\0") + END), r"a number that is not octal"),
    Hostile("negative size in PAX", layers(pax(record(b"size", b"-512")) + FILE), r"holds a size of -512 bytes"),
    Hostile("size beyond the archive", layers(pax(record(b"size", b"9" * 18)) + FILE), r"is cut short"),
    Hostile(
        "negative size of the archive's own member", as_bytes(lambda: header(field=NEGATIVE) + END), r"a size of -1"
    ),
    Hostile(
        "absurd size of the archive's own member",
        as_bytes(lambda: header(field=b"\x80\0\0\0\x7f" + b"\xff" * 7) + END),
        r"is cut short at byte 1,536",
    ),
    Hostile(
        "PAX header without end", layers(header("x", 1 << 40, b"x") + END), r"extended header of 1,099,511,627,776"
    ),
    Hostile("negative PAX header", layers(header("x", 0, b"x", field=NEGATIVE) + END), r"a negative size"),
    Hostile(
        "PAX headers without end",
        layers(lambda: gzip_of(iter([*(pax(record(b"k%d" % n, bytes(1 << 19))) for n in range(300)), FILE]))),
        "image",
        0,
    ),
    Hostile(
        "global PAX headers without end",
        layers(lambda: gzip_of(iter([*(pax(record(b"k%d" % n, bytes(1 << 19)), b"g") for n in range(300)), FILE]))),
        "image",
        0,
    ),
    Hostile("PAX record that lies about its length", layers(pax(b"999999 path=x\n") + FILE), r"a damaged PAX header"),
    Hostile("PAX record of no length", layers(pax(b"0 path=x\n") + FILE), r"a damaged PAX header"),
    Hostile("long name without end", layers(header("././@LongLink", 1 << 40, b"L") + END), r"extended header of"),
    Hostile(
        "sparse file of all disks",
        layers(
            pax(
                record(b"GNU.sparse.major", b"1")
                + record(b"GNU.sparse.minor", b"0")
                + record(b"GNU.sparse.realsize", b"999999999999999999")
            )
            + header("f", 512)
            + b"1\n0\n0\n".ljust(512, b"\0")
            + END
        ),
        r"1000000000.0 GB",
        0,
    ),
    Hostile(
        "sparse map without end",
        layers(
            pax(record(b"GNU.sparse.major", b"1") + record(b"GNU.sparse.realsize", b"5"))
            + header("f", 1024)
            + b"999999999999999999\n".ljust(1024, b"0")
            + END
        ),
        "image",
        0,
    ),
    Hostile(
        "sparse map that is none",
        layers(
            pax(record(b"GNU.sparse.major", b"1") + record(b"GNU.sparse.realsize", b"5"))
            + header("f", 512)
            + b"x" * 512
            + END
        ),
        r"a PAX number that is none",
    ),
    Hostile("layer that is no archive", layers(b"#!/bin/sh\n" * 100), r"0.tar: is no tar archive"),
    Hostile("wrong digest of a layer", as_tar(lying_digest("layer")), r"layer 0 has the digest sha256:", 0),
    Hostile(
        "wrong digest of the configuration",
        as_tar(lying_digest("configuration")),
        r"the configuration has the digest sha256:",
        0,
    ),
    Hostile(
        "wrong digest of the manifest", as_tar(lying_digest("manifest")), r"the manifest has the digest sha256:", 0
    ),
    Hostile("lying media type", as_tar(lying_type()), r"is not compressed, its media type says compressed by zstd", 0),
    Hostile("nested indexes", as_tar(nested(8)), r"holds indexes in indexes, more than 4 deep"),
    Hostile("one manifest under many names", as_bytes(one_manifest_under_many_names), r"manifests of more than"),
    Hostile(
        "an index of digests that are paths",
        as_tar({"index.json": b'{"manifests": [{"digest": "sha256:../../../etc/passwd"}]}'}),
        r"which is no digest",
    ),
    Hostile("deep JSON", as_tar({"index.json": b"[" * 1_000_000}), r"nested too deep"),
    Hostile("large JSON", as_tar({"index.json": b"{" + b" " * (17 << 20) + b"}"}), r"expected a small JSON file"),
    Hostile("JSON of nothing but lists", as_tar({"index.json": b"[" + b"[]," * 4_000_000 + b"[]]"}), r"a JSON object"),
    Hostile(
        "a number out of all range",
        as_tar(docker(FILE, config=huge_config(x=1)[:-1] + b', "y": ' + b"9" * 9999 + b"}")),
        r"out of all range",
    ),
    Hostile(
        "large configuration",
        layers(
            FILE,
            config=huge_config(
                history=[
                    {"created_by": "|9999 " + "A=1 " * 500_000},
                    *({"created_by": "RUN " + "'" * 20, "empty_layer": True},) * 50_000,
                ]
            ),
        ),
        "image",
        0,
    ),
    Hostile(
        "half characters in the configuration",
        layers(FILE, config=huge_config(history=[{"created_by": "RUN \ud800\x1b[2J\r\n\x00"}], author="\udfff")),
        "image",
        0,
    ),
    Hostile(
        "one layer, listed without end",
        as_tar(docker(FILE, more={"Layers": ["0.tar"] * 5000})),
        r"lists 5,000 layers; expected at most 1,000",
    ),
    Hostile(
        "parts outside of the archive",
        as_tar(docker(FILE, more={"Config": "../../../etc/passwd"})),
        r"lacks the image configuration ../../../etc/passwd",
    ),
    Hostile(
        "a layer outside of the archive", as_tar(docker(FILE, more={"Layers": ["/etc/passwd"]})), r"lacks the layer"
    ),
    Hostile(
        "a layer that is a link to the machine", as_tar({**docker(FILE), "0.tar": "/etc/passwd"}), r"lacks the layer"
    ),
    Hostile("a layer that is a link to itself", as_tar({**docker(FILE), "0.tar": "0.tar"}), r"has links in a circle"),
    Hostile("a member's name without end", as_tar({"a" * 5000: b""}), r"name has more than 1,024 characters"),
    Hostile(
        "a blob that is a link out of the folder", folder_of({"LAYER": "../../../../outside/file"}), r"leads out of"
    ),
    Hostile(
        "blobs that are a link out of the folder", folder_of({"blobs": "../outside/blobs"}), r"leads out of the folder"
    ),
    Hostile("an index that is a link out of the folder", folder_of({"index.json": "/etc/passwd"}), r"leads out of"),
    Hostile("a blob that is a pipe", folder_of({"LAYER": "FIFO"}), r"is no regular file"),
    Hostile("a blob that is a device", folder_of({"LAYER": "/dev/zero"}), r"leads out of the folder"),
    Hostile(
        "parts outside of the folder",
        folder_of({}, {"manifest.json": b'[{"Config": "../outside/file", "Layers": []}]'}),
        r"leads out of the folder",
    ),
    Hostile(
        "a name that is none in a folder",
        folder_of({}, {"manifest.json": b'[{"Config": "a\\u0000b", "Layers": []}]'}),
        r"expected one that can be",
    ),
    Hostile(
        "a name of half characters in a folder",
        folder_of({}, {"manifest.json": b'[{"Config": "a\\ud800b", "Layers": []}]'}),
        r"lacks the image configuration a",
    ),
]

# Each takes a minute to read what is allowed.
if os.environ.get("DFGUARD_FULL"):
    CASES += [
        Hostile("many entries", layers(lambda: gzip_of(many(numbers(1_050_000)))), r"1,000,000 entries", 0),
        Hostile(
            "long names",
            layers(lambda: gzip_of(iter([*(header(f"{n}" + "/a" * 2040) for n in range(3000)), END]))),
            r"268,435,456 characters",
            0,
        ),
        Hostile(
            "long whiteouts",
            layers(lambda: gzip_of(iter([*(header(f"{n}" + "/a" * 2030 + "/.wh.a") for n in range(3000)), END]))),
            r"268,435,456 characters",
            0,
        ),
        Hostile(
            "one large layer, listed often",
            layers(lambda: gzip_of(many(numbers(20_000))), more={"Layers": ["0.tar"] * 900}),
            r"more than 2,000,000 entries in all",
        ),
    ]
