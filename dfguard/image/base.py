"""The base of an image: what its labels say, and whether an image that is given is what it was built on."""

from __future__ import annotations

from dfguard.image.model import Image, ImageConfig
from dfguard.struct import Struct

_LABEL = "org.opencontainers.image.base."


class Base(Struct):
    """`name` of the base and `digest` as the labels tell it, "" for none.

    `layers`: how many of the image's first layers are those of the base that was given; None where none was given,
    0 where it was not built on it, or on another state of it. `current`: whether the registry's digest is still the one
    of the label, None where one of them is not known.
    """

    name: str = ""
    digest: str = ""
    layers: int | None = None
    current: bool | None = None


def base_of(image: Image, given: str = "", config: ImageConfig | None = None, digests: tuple[str, ...] = ()) -> Base:
    """The base, held against the configuration and digests of the image `given`; OCI annotations.md has the labels."""
    labels = dict(image.config.labels)
    name, digest = (labels.get(_LABEL + key, "") for key in ("name", "digest"))
    current = digest in digests if digest and digests else None
    if config is None:
        return Base(name, digest, None, current)
    below = config.diff_ids
    same = bool(below) and image.config.diff_ids[: len(below)] == below
    return Base(given or name, digest, len(below) if same else 0, current)
