"""`dfguard image --extract LAYER:PATH`: recover one file of one layer, deleted ones too."""

from __future__ import annotations

import posixpath

from dfguard.cli.options import write_bytes
from dfguard.errors import InputError, UsageError
from dfguard.image.layer import Wanted
from dfguard.image.model import Image, Layer
from dfguard.image.opening import open_image

MAX_EXTRACTED = 1 << 30


def extract(name: str, asked: str, output: str | None, *, tag: str = "", platform: str = "") -> None:
    """Write the bytes of a file to `output`, in one step, or to standard output.

    The name of the result is the user's alone, so that no name in an archive counts. Raises UsageError for what is
    not asked for as LAYER:PATH or can't be written, InputError for what the layer does not have, or has too large.
    """
    layer, path = _parts(asked)
    wanted = Wanted(keeps=lambda each: each == path, most_kept=MAX_EXTRACTED)
    image = open_image(name, wanted, tag=tag, platform=platform)
    write_bytes(_content(_layer(image, layer), path, image.name), output)


def _parts(asked: str) -> tuple[str, str]:
    layer, colon, path = asked.removeprefix("sha256:").partition(":")
    if not colon or not layer or not path.strip("/"):
        raise UsageError(f"--extract {asked}: expected LAYER:PATH, such as 2:/app/.env or sha256:1f3c...:/app/.env")
    if ".." in path.split("/"):
        raise UsageError(f"--extract {asked}: a path in a layer has no `..`")
    return layer, posixpath.normpath(f"/{path.lstrip('/')}")


def _layer(image: Image, asked: str) -> Layer:
    """The layer of an index, or of the first digits of a digest or diff id."""
    if asked.isdigit() and len(asked) < 6:
        found = [layer for layer in image.layers if layer.index == int(asked)]
    else:
        found = [
            layer
            for layer in image.layers
            if len(asked) >= 6
            and any(digest.startswith(f"sha256:{asked}") for digest in (layer.digest, layer.content.diff_id))
        ]
    if len(found) == 1:
        return found[0]
    which = "several layers fit" if found else "has no layer"
    raise InputError(image.name, f"{which} {asked!r}; it has {len(image.layers)}, counted from 0")


def _content(layer: Layer, path: str, name: str) -> bytes:
    where = f"{name}: layer {layer.index}: {path}"
    found = next((entry for entry in layer.content.entries if entry.path == path), None)
    if found is None:
        gone = path in layer.content.whiteouts
        raise InputError(where, "is removed by this layer: a lower one has it" if gone else "is not in this layer")
    if found.kind in ("symlink", "hardlink"):
        raise InputError(where, f"is a {found.kind} to {found.link}: ask for that")
    if found.kind != "file":
        raise InputError(where, f"is a {found.kind}; only files can be extracted")
    data = next((data for kept, data in reversed(layer.content.kept) if kept == path), b"")
    if len(data) < found.size:
        why = f"larger than {MAX_EXTRACTED:,}" if found.size > MAX_EXTRACTED else "stored with holes in it"
        raise InputError(where, f"has {found.size:,} bytes, {why}: not extracted")
    return data
