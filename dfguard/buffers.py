"""Texts that stand for files on disk: what a fix has not written yet, what an editor has not saved yet.

All that a run reads of Dockerfiles, ignore files, build files and the build context goes through here where texts are
given, so that a run sees the tree as it would be.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from dfguard.discovery import read_bytes, read_source
from dfguard.source import Source


class Buffers:
    """Texts by path; links are followed, so that one file has one text. Immutable."""

    __slots__ = ("_texts",)

    def __init__(self, texts: Mapping[str, str] | None = None) -> None:
        self._texts = {os.path.realpath(path): text for path, text in (texts or {}).items()}

    def __bool__(self) -> bool:
        return bool(self._texts)

    def __iter__(self) -> Iterator[str]:
        """The real paths of the files that texts stand for."""
        return iter(self._texts)

    def but(self, texts: Mapping[str, str]) -> Buffers:
        """These with others laid over them."""
        return Buffers({**self._texts, **texts})

    def get(self, path: str) -> str | None:
        """The text that stands for a file; None where the file on disk counts."""
        return self._texts.get(os.path.realpath(path)) if self._texts else None

    def read_source(self, path: str) -> Source:
        """The text of a file; raises as `discovery.read_source` does."""
        text = self.get(path)
        return read_source(path) if text is None else Source(path, text)

    def read_bytes(self, path: str) -> bytes:
        """The bytes of a file; raises as `discovery.read_bytes` does."""
        text = self.get(path)
        return read_bytes(path) if text is None else text.encode("utf-8", "surrogateescape")

    def below(self, root: str) -> dict[str, bytes]:
        """What stands for files in a folder: bytes by the path relative to it, with `/`."""
        top = os.path.join(os.path.realpath(root), "")
        return {
            path[len(top) :].replace(os.sep, "/"): text.encode("utf-8", "surrogateescape")
            for path, text in self._texts.items()
            if path.startswith(top)
        }


ON_DISK = Buffers()
"""No text stands for any file."""
