"""Who is told how far the reading of a build context is."""

from __future__ import annotations


class Progress:
    """Told as folders are listed and files are read; this one keeps it to itself."""

    def listed(self, count: int) -> None:
        """So many more entries of folders were looked at."""

    def checked(self, done: int, total: int) -> None:
        """So many of so many Dockerfiles were checked."""

    def read(self, size: int) -> None:
        """So many more bytes of files were read."""


SILENT = Progress()
