"""Images in folders: an OCI layout (image-layout.md) and what skopeo's `dir:` writes."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from typing import BinaryIO

from dfguard.errors import InputError
from dfguard.image.allowance import Allowance
from dfguard.image.assemble import blob_path
from dfguard.image.blobs import MAX_JSON, split_digest
from dfguard.image.layer import LayerContent, Reading, Wanted
from dfguard.image.sources.reading import Ahead, read_blob, size_of


class Folder:
    """The blobs of a folder by their paths in it. Links are not followed, nor is anything outside read."""

    def __init__(self, path: str, wanted: Wanted) -> None:
        self.where = path
        self.wanted = wanted
        self._layout = os.path.exists(os.path.join(path, "index.json"))
        self._allowance = Allowance()
        self._layers: dict[str, LayerContent] = {}
        self._ahead = Ahead()

    def name_of(self, digest: str) -> str:
        """`blobs/sha256/<hex>` in an OCI layout, `<hex>` in a folder of skopeo's."""
        return blob_path(digest, self.where) if self._layout else split_digest(digest, self.where)[1]

    def data(self, name: str) -> bytes | None:
        """A small file's bytes, None when there is none."""
        try:
            with self._open(name) as file:
                data = file.read(MAX_JSON + 1)
        except FileNotFoundError:
            return None
        if len(data) > MAX_JSON:
            raise InputError(self.where, f"{name} is larger than {MAX_JSON:,} bytes; expected a small JSON file")
        return data

    def ready(self, names: Sequence[str]) -> None:
        """Read these layers in several processes, if that pays."""
        sizes = {}
        for name in names:
            with suppress(OSError, InputError), self._open(name) as file:  # told when the layer is asked for
                sizes[name] = size_of(file, 0, os.fstat(file.fileno()).st_size)
        self._ahead.read(sizes, self._read, self.wanted.jobs)

    def layer(self, name: str) -> LayerContent:
        """A file read as a layer, once."""
        if name not in self._layers:
            ahead = self._ahead.take(name, self._allowance, f"{self.where}: {name}")
            self._layers[name] = self._read(name, self._allowance).content if ahead is None else ahead
        return self._layers[name]

    def _read(self, name: str, allowance: Allowance) -> Reading:
        try:
            with self._open(name) as file:

                def opened() -> BinaryIO:
                    file.seek(0)
                    return file

                return read_blob(opened, name, f"{self.where}: {name}", self.wanted, allowance)
        except FileNotFoundError:
            raise InputError(self.where, f"lacks the layer {name}") from None

    def _open(self, name: str) -> BinaryIO:
        """A regular file of the folder. Raises FileNotFoundError, and InputError for what is none."""
        if "\0" in name or not name.isprintable():
            raise InputError(self.where, f"names the file {name[:80]!r}; expected one that can be")
        full = os.path.join(self.where, *name.split("/"))
        if os.path.relpath(os.path.realpath(full), os.path.realpath(self.where)).startswith(".."):
            raise InputError(self.where, f"{name} leads out of the folder")
        try:
            descriptor = os.open(full, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        except FileNotFoundError:
            raise
        except OSError as error:
            raise InputError(self.where, f"{name} can't be read: {error.strerror}") from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise InputError(self.where, f"{name} is no regular file")
        return os.fdopen(descriptor, "rb")
