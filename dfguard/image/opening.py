"""From what a user names to an image: an archive, a folder, standard input, an engine or a registry."""

from __future__ import annotations

import os
import sys

from dfguard.errors import InputError
from dfguard.image.assemble import assemble, candidates, choose
from dfguard.image.blobs import Blobs
from dfguard.image.layer import Wanted
from dfguard.image.model import Image
from dfguard.image.sources.archive import StreamArchive, open_archive
from dfguard.image.sources.layout import Folder

STDIN = "-"


def open_image(name: str, wanted: Wanted | None = None, *, tag: str = "", platform: str = "") -> Image:
    """Read the image that `name` names: a file, a folder or `-`; `oci:`, `dir:` and the like in front are skopeo's.

    Raises InputError for what can't be read, UsageError when several images fit `tag` and `platform`.
    """
    blobs = _source(name, wanted or Wanted())
    return assemble(choose(candidates(blobs), blobs.where, tag=tag, platform=platform), blobs, name)


def _source(name: str, wanted: Wanted) -> Blobs:
    if name == STDIN:
        return StreamArchive("standard input", sys.stdin.buffer, wanted)
    scheme, colon, rest = name.partition(":")
    if colon and not os.path.exists(name):
        if scheme in ("docker-archive", "oci-archive"):
            return open_archive(rest, wanted)
        if scheme in ("oci", "dir"):
            name = rest
    if os.path.isdir(name):
        return Folder(name, wanted)
    if not os.path.exists(name):
        raise InputError(name, "does not exist; expected an image archive, a folder or -")
    return open_archive(name, wanted)
