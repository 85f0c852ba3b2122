"""From what a user names to an image: an archive, a folder, standard input, an engine or a registry."""

from __future__ import annotations

import os
import sys

from dfguard.errors import InputError, UsageError
from dfguard.image.assemble import assemble, candidates, choose
from dfguard.image.base import Base, base_of
from dfguard.image.blobs import Blobs, read_json, text_of
from dfguard.image.config import read_config
from dfguard.image.layer import Wanted
from dfguard.image.model import Image
from dfguard.image.sources.archive import StreamArchive, open_archive
from dfguard.image.sources.engine import ENGINES, saved
from dfguard.image.sources.layout import Folder
from dfguard.reference import parse

STDIN = "-"
_LAYOUTS = ("docker-archive", "oci-archive", "oci", "dir")  # as skopeo writes them: SCHEME:PATH[:TAG]


def open_image(name: str, wanted: Wanted | None = None, *, tag: str = "", platform: str = "") -> Image:
    """Read the image that `name` names.

    `name` is a file, a folder, `-`, `docker:NAME` or `podman:NAME` (in the engine's store) or `registry:REFERENCE`;
    in front of files and folders may stand what skopeo writes there (`oci:`, `dir:`, `docker-archive:` ...), and behind
    them a tag.
    Raises InputError for what can't be read, UsageError when several images fit `tag` and `platform`.
    """
    wanted = wanted or Wanted()
    scheme, _, rest = name.partition(":")
    path, colon, behind = rest.partition(":")
    if scheme in _LAYOUTS and colon and os.path.exists(path) and not os.path.exists(rest):
        return open_image(f"{scheme}:{path}", wanted, tag=tag or behind, platform=platform)
    if scheme in ENGINES and rest and not os.path.exists(name):
        with saved(scheme, rest) as stream:
            return _read(StreamArchive(name, stream, wanted), name, tag, platform)
    return _read(_source(name, wanted), name, tag, platform)


def compare_base(image: Image, base: str) -> Base:
    """How an image stands to the image `base`, named as in `open_image`, of which the configuration is read.

    Raises InputError and UsageError as `open_image` does.
    """
    scheme, _, rest = base.partition(":")
    if scheme in ENGINES and rest and not os.path.exists(base):
        with saved(scheme, rest) as stream:
            return _compared(image, StreamArchive(base, stream, Wanted()), base)
    return _compared(image, _source(base, Wanted()), base)


def _compared(image: Image, blobs: Blobs, base: str) -> Base:
    platform = image.config.platform
    found = choose(candidates(blobs), blobs.where, platform=platform)
    data = blobs.data(found.config)
    if data is None:
        raise InputError(blobs.where, f"lacks the image configuration {found.config}")
    config, _, _ = read_config(data, f"{blobs.where}: {found.config}")
    listed = read_json(blobs, "index.json")
    entries = listed.get("manifests") if isinstance(listed, dict) else None
    roots = tuple(text_of(entry.get("digest")) for entry in entries or () if isinstance(entry, dict))
    return base_of(image, base, config, tuple(filter(None, (found.digest, *roots))))


def _read(blobs: Blobs, name: str, tag: str, platform: str) -> Image:
    image = assemble(choose(candidates(blobs), blobs.where, tag=tag, platform=platform), blobs, name)
    real = image.config.platform
    if platform and real and not f"{real}/".startswith(f"{platform}/"):  # `docker save` writes no index that told it
        raise UsageError(f"{blobs.where}: no image fits --platform {platform}; it holds one for {real}")
    return image


def _source(name: str, wanted: Wanted) -> Blobs:
    if name == STDIN:
        return StreamArchive("standard input", sys.stdin.buffer, wanted)
    scheme, colon, rest = name.partition(":")
    if colon and not os.path.exists(name):
        if scheme == "registry":
            return _in_registry(rest, wanted)
        if scheme in _LAYOUTS:
            name = rest
    if os.path.isdir(name):
        return Folder(name, wanted)
    if not os.path.exists(name):
        expected = "an image archive, a folder, -, docker:NAME, podman:NAME or registry:NAME"
        raise InputError(name, f"does not exist; expected {expected}")
    return open_archive(name, wanted)


def _in_registry(name: str, wanted: Wanted) -> Blobs:
    from dfguard.image.sources.registry import RegistryBlobs

    reference = parse(name)
    if reference is None:
        raise UsageError(f"registry:{name}: is no image reference")
    return RegistryBlobs(reference, wanted)
