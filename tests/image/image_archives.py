"""Small images made here, byte by byte, in every layout that tools write."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import lzma
import tarfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from dfguard.image.layer import LayerContent, read_layer

Files = Mapping[str, bytes | str | None]  # name -> content, link target (str) or folder (None)


def layer_tar(files: Files, *, form: int = tarfile.PAX_FORMAT, modes: Mapping[str, int] | None = None) -> bytes:
    """A layer of files, links ("-> target") and folders."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.mode = (modes or {}).get(name, 0o755 if content is None else 0o644)
            if content is None:
                member.type = tarfile.DIRTYPE
            elif isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
            else:
                member.size = len(content)
            archive.addfile(member, io.BytesIO(content) if isinstance(content, bytes) else None)
    return out.getvalue()


def layer_of(files: Files) -> LayerContent:
    """A layer, read."""
    return read_layer(io.BytesIO(layer_tar(files)), "layer")


def packed(data: bytes, kind: str) -> bytes:
    """Data compressed by `gzip`, `zstd`, `bzip2`, `xz` or not at all (`none`)."""
    if kind == "zstd":
        import zstandard

        return bytes(zstandard.ZstdCompressor().compress(data))
    packs: dict[str, Callable[[bytes], bytes]] = {
        "none": bytes,
        "gzip": partial(gzip.compress, mtime=0),  # the same bytes whenever it is made
        "bzip2": bz2.compress,
        "xz": lzma.compress,
    }
    return packs[kind](data)


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def config_json(layers: Sequence[bytes], **more: Any) -> bytes:
    """An image configuration for layers that are not compressed."""
    history = [{"created_by": f"RUN step {index} # buildkit"} for index in range(len(layers))]
    document = {
        "os": "linux",
        "architecture": "amd64",
        "config": {"Env": ["A=1"], "User": "1000"},
        "rootfs": {"type": "layers", "diff_ids": [sha256(layer) for layer in layers]},
        "history": [*history, {"created_by": "USER 1000", "empty_layer": True}],
    }
    return json.dumps(document | more).encode()


def tar_of(members: Mapping[str, bytes | str]) -> bytes:
    """An archive of files and links."""
    return layer_tar(members, form=tarfile.GNU_FORMAT)


def docker_archive(layers: Sequence[bytes], tag: str = "app:1") -> bytes:
    """What `docker save` wrote up to version 24: a repeated layer is a link to its first place."""
    config = config_json(layers)
    name = f"{sha256(config)[7:]}.json"
    members: dict[str, bytes | str] = {}
    places: dict[bytes, str] = {}
    names = []
    for index, layer in enumerate(layers):
        path = f"{index:064x}/layer.tar"
        members[path] = f"../{places[layer]}" if layer in places else layer
        members[f"{index:064x}/VERSION"] = b"1.0"
        places.setdefault(layer, path)
        names.append(path)
    members[name] = config
    members["manifest.json"] = json.dumps([{"Config": name, "RepoTags": [tag], "Layers": names}]).encode()
    return tar_of(members)


def oci_blobs(layers: Sequence[bytes], kind: str = "gzip", **config: Any) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The blobs of an OCI image by their paths, and the descriptor of its manifest."""
    suffix = {"none": "", "gzip": "+gzip", "zstd": "+zstd"}[kind]
    blobs = [packed(layer, kind) for layer in layers]
    settings = config_json(layers, **config)
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": _descriptor(settings, "application/vnd.oci.image.config.v1+json"),
        "layers": [_descriptor(blob, f"application/vnd.oci.image.layer.v1.tar{suffix}") for blob in blobs],
    }
    data = json.dumps(manifest).encode()
    named = {f"blobs/sha256/{sha256(blob)[7:]}": blob for blob in [*blobs, settings, data]}
    return named, _descriptor(data, manifest["mediaType"])


def oci_layout(descriptors: Sequence[dict[str, Any]], blobs: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of an OCI layout."""
    index = {"schemaVersion": 2, "manifests": list(descriptors)}
    return {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', **blobs, "index.json": json.dumps(index).encode()}


def _descriptor(data: bytes, media_type: Any) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": sha256(data), "size": len(data)}
