"""Results that are kept in the user's cache folder: by names and under checks that only this machine's key makes.

A key is drawn by lot once for a folder and lies in it, for its owner alone. Names are keyed hashes, and each file
carries a keyed hash of its name and content: what is damaged, from elsewhere, or of another version is as if it were
not there. Nothing here fails: a folder that can't be used is one that holds nothing. What is kept must hold no secret;
that is for those who put it here to see to.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import secrets
import sys
import time

MOST = 256 << 20  # bytes of all files together
LARGEST = 64 << 20  # bytes of one
_KEY = 32
_MAGIC = b"dfguard cache 1\n"
_SUFFIX = ".kept"
_STALE = 3600  # seconds after which a file that was never finished is removed


def cache_folder() -> str | None:
    """The folder: DFGUARD_CACHE_DIR, or `dfguard` in the user's by the rules of the platform; None without a home."""
    told = os.environ.get("DFGUARD_CACHE_DIR")
    if told:
        return os.path.abspath(told)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(base):  # others are to be ignored, by the XDG Base Directory Specification
            base = os.path.expanduser("~/.cache")
    return os.path.join(base, "dfguard") if os.path.isabs(base) else None


class Cache:
    """A folder of results, made when the first is kept; `most` bytes of them, the longest unused going first."""

    def __init__(self, folder: str, most: int = MOST) -> None:
        self.folder = folder
        self.most = most
        self._key: bytes | None = None

    def keyed(self, *parts: bytes) -> bytes | None:
        """A hash of some parts that nobody can make, or try values against, without the key; None without one."""
        if self._key is None:
            self._key = _key_in(self.folder)
        if self._key is None:
            return None
        made = hmac.new(self._key, digestmod=hashlib.sha256)
        for part in parts:
            made.update(len(part).to_bytes(8, "big") + part)
        return made.digest()

    def holds(self, name: bytes) -> bool:
        """Whether there is a file of this name, whatever is in it."""
        return os.path.isfile(self._path(name))

    def read(self, name: bytes) -> bytes | None:
        """What was kept under a name; None for nothing that can be trusted."""
        path = self._path(name)
        try:
            with open(path, "rb") as file:
                data = file.read(LARGEST + len(_MAGIC) + 33)
        except OSError:
            return None
        content = data[len(_MAGIC) + 32 :]
        check = self.keyed(name, content)
        if not data.startswith(_MAGIC) or check is None or not hmac.compare_digest(check, data[len(_MAGIC) :][:32]):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return content

    def write(self, name: bytes, content: bytes) -> None:
        """Keep something, wholly or not at all."""
        check = self.keyed(name, content)
        if check is None or len(content) > LARGEST:
            return
        with contextlib.suppress(OSError):
            _write(self._path(name), _MAGIC + check + content)
            self._prune()

    def _path(self, name: bytes) -> str:
        return os.path.join(self.folder, name.hex() + _SUFFIX)

    def _prune(self) -> None:
        """Remove those that were not used for the longest time, and what was never finished."""
        found = []
        for entry in os.scandir(self.folder):
            with contextlib.suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                if entry.name.endswith(_SUFFIX):
                    found.append((status.st_mtime, status.st_size, entry.path))
                elif entry.name.endswith(".tmp") and status.st_mtime < time.time() - _STALE:
                    os.unlink(entry.path)
        total = sum(size for _, size, _ in found)
        for _, size, path in sorted(found) if total > self.most else ():
            if total <= self.most * 3 // 4:
                return
            with contextlib.suppress(OSError):
                os.unlink(path)
            total -= size


def _key_in(folder: str) -> bytes | None:
    """The key of a folder, which is made if need be; None where that can't be, or where others may read it."""
    path = os.path.join(folder, "key")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if not os.path.exists(path):
            with contextlib.suppress(FileExistsError):
                _write(path, secrets.token_bytes(_KEY), over=False)
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            key = file.read(_KEY + 1)
    except OSError:
        return None
    ours = sys.platform == "win32" or (status.st_uid == os.geteuid() and not status.st_mode & 0o077)
    return key if ours and len(key) == _KEY else None


def _write(path: str, data: bytes, *, over: bool = True) -> None:
    """Make a file for its owner alone, in one step; raises OSError, FileExistsError for one that is there already."""
    beside = f"{path}.{secrets.token_hex(4)}.tmp"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(data)
        if over:
            os.replace(beside, path)
        elif sys.platform == "win32":
            os.rename(beside, path)
        else:
            os.link(beside, path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)
