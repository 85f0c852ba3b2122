"""Writing a file wholly or not at all."""

from __future__ import annotations

import os
import secrets


def write_atomically(path: str, data: bytes) -> None:
    """Replace the content of `path` in one step; its mode stays, a symbolic link is followed. Raises OSError."""
    target = os.path.realpath(path)
    beside = f"{target}.{secrets.token_hex(4)}.tmp"
    try:
        mode = os.stat(target).st_mode & 0o7777
    except FileNotFoundError:
        mode = None
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(beside, mode)
        os.replace(beside, target)
    except OSError:
        os.unlink(beside)
        raise
