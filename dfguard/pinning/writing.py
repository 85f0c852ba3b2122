"""Writing pinned files together with the lock: all or none."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence

from dfguard.atomic import Replacement, replace_all, write_atomically
from dfguard.pinning.lock import Lock
from dfguard.pinning.pin import FilePins


def write(files: Sequence[FilePins], lock: Lock | None, text: bytes | None) -> None:
    """Write what changed; `text` is the new one of the lock, None to leave it. Raises OSError, with nothing written."""
    todo = [Replacement(each.source.path, _bytes(each.source.text), _bytes(each.text)) for each in files]
    todo = [each for each in todo if each.old != each.new]
    new = lock is not None and lock.data is None and text is not None
    if lock is not None and text is not None and lock.data is not None and lock.data != text:
        todo.append(Replacement(lock.path, lock.data, text))
    if lock is not None and text is not None and new:
        write_atomically(lock.path, text)
    try:
        replace_all(todo)
    except BaseException:
        if lock is not None and new:
            with contextlib.suppress(OSError):
                os.unlink(lock.path)
        raise


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
