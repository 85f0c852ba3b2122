"""The image as it is: configuration, history, layers and attestations. Plain data, made by `assemble`.

Names are those of the OCI image spec (config.md, manifest.md).
"""

from __future__ import annotations

from typing import Any

from dfguard.image.layer import LayerContent
from dfguard.struct import Struct


class HistoryEntry(Struct):
    """One step of the build as the image tells it; `empty_layer` ones have no layer."""

    created_by: str
    comment: str = ""
    created: str = ""
    empty_layer: bool = False


class ImageConfig(Struct):
    """What a container of the image starts with; absent values are "", () or None.

    `env` and `labels` keep their order. `healthcheck` is the test with its kind in front (`CMD`,
    `CMD-SHELL`, `NONE`). `created` is an RFC 3339 time.
    """

    os: str = ""
    architecture: str = ""
    variant: str = ""
    created: str = ""
    user: str = ""
    env: tuple[tuple[str, str], ...] = ()
    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    workdir: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    exposed: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    healthcheck: tuple[str, ...] | None = None
    shell: tuple[str, ...] | None = None
    onbuild: tuple[str, ...] = ()
    stop_signal: str = ""
    diff_ids: tuple[str, ...] = ()

    @property
    def platform(self) -> str:
        """`linux/arm64/v8`, as --platform takes it."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


class Layer(Struct):
    """A layer: `index` from 0, `digest` and `media_type` as the manifest gives them ("" where it does not).

    `history` is the index of its entry in the history, None when the history does not tell.
    """

    index: int
    digest: str
    media_type: str
    history: int | None
    content: LayerContent


class Attestation(Struct):
    """An in-toto statement about the image: `predicate_type` and the whole statement as parsed JSON."""

    predicate_type: str
    statement: dict[str, Any]


class Image(Struct):
    """An image: `name` as the user wrote it, `tags` as it is tagged, `digest` of its manifest ("" when unknown).

    `config_digest` is that of the configuration (Docker's image id). `problems` are mismatches between what
    the image says and what is there, one line each.
    """

    name: str
    tags: tuple[str, ...]
    digest: str
    config_digest: str
    config: ImageConfig
    history: tuple[HistoryEntry, ...]
    layers: tuple[Layer, ...]
    attestations: tuple[Attestation, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The bytes of all files in all layers."""
        return sum(layer.content.content_size for layer in self.layers)
