"""Contents of regular files of a build context, without ever following a link or blocking on a pipe."""

from __future__ import annotations

import os
import stat
from typing import BinaryIO

from dfguard.errors import InputError


def open_regular(full: str, path: str) -> BinaryIO:
    """Open the regular file at `full`, a link not followed; `path` is its name in messages.

    Raises OSError, and InputError for what is no regular file.
    """
    descriptor = os.open(full, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    file = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        file.close()
        raise InputError(path, "is no regular file")
    return file


def read_regular(full: str, path: str, limit: int, *, whole: bool) -> bytes:
    """Read at most `limit` bytes of the regular file at `full`; raises InputError as `limited` does, or if it can't."""
    try:
        with open_regular(full, path) as file:
            data = file.read(limit + whole)
    except OSError as error:
        raise InputError(path, f"can't be read: {error.strerror}") from error
    return limited(data, path, limit, whole=whole)


def limited(data: bytes, path: str, limit: int, *, whole: bool) -> bytes:
    """The first `limit` bytes; with `whole` there may be no more: raises InputError."""
    if whole and len(data) > limit:
        raise InputError(path, f"is larger than {limit:,} bytes")
    return data[:limit]
