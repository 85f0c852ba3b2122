"""Paths as the readers of a report want them."""

from __future__ import annotations

import os

from dfguard.gitignored import repository_root


class FromTop:
    """Paths relative to the top of the repository that one works in, with `/`; without a repository, to the folder.

    Links are followed, as services know files by where they lie. A path outside stays as it is named.
    """

    def __init__(self) -> None:
        self._top = os.path.realpath(repository_root(".") or ".")
        self._known: dict[str, str] = {}

    def __call__(self, path: str) -> str:
        """The path for a report."""
        if path not in self._known:
            self._known[path] = self._relative(path)
        return self._known[path]

    def _relative(self, path: str) -> str:
        inner = os.path.relpath(os.path.realpath(path), self._top)
        outside = inner == os.pardir or inner.startswith(os.pardir + os.sep)
        return (os.path.normpath(path) if outside else inner).replace(os.sep, "/")
