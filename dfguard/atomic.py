"""Writing files wholly or not at all, one or several."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator, Sequence

from dfguard.struct import Struct


class ChangedMeanwhile(OSError):
    """A file is not what it was when it was read, or somebody else is about to write it."""


class Replacement(Struct):
    """A file that is to hold `new`; `old` is what it held when it was read."""

    path: str
    old: bytes
    new: bytes


def write_atomically(path: str, data: bytes) -> None:
    """Replace the content of `path` in one step; its mode stays, a symbolic link is followed. Raises OSError.

    What is no regular file (`/dev/null`, a pipe) is never replaced: it is written to.
    """
    target = os.path.realpath(path)
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        mode = None
    if mode is not None and not stat.S_ISREG(mode):
        with open(path, "wb") as file:
            file.write(data)
        return
    beside = _write_beside(target, data)
    try:
        if mode is not None:
            os.chmod(beside, stat.S_IMODE(mode))
        os.replace(beside, target)
    except BaseException:
        os.unlink(beside)
        raise


def replace_all(replacements: Sequence[Replacement]) -> None:
    """Replace the contents of files, all or none; modes and owners stay, symbolic links are followed.

    Each file is locked, and compared with what was read from it, before any is touched. Raises OSError with the path
    as its `filename`; ChangedMeanwhile, which is one, for a file that somebody else writes to.
    """
    staged: list[tuple[str, Replacement]] = []
    with contextlib.ExitStack() as stack:
        try:
            for replacement in replacements:
                target = os.path.realpath(replacement.path)
                stack.enter_context(_locked(target, replacement))
                staged.append((_stage(target, replacement), replacement))
            _move(staged)
        except BaseException:
            for beside, _ in staged:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(beside)
            raise


@contextlib.contextmanager
def _locked(target: str, replacement: Replacement) -> Iterator[None]:
    """Keep a file for ourselves, against other runs that do the same; it must still hold what was read."""
    descriptor = os.open(target, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        _lock(descriptor, replacement.path)
        now = os.stat(target)
        here = os.fstat(descriptor)
        with os.fdopen(os.dup(descriptor), "rb") as file:
            same = file.read(len(replacement.old) + 1) == replacement.old
        if not same or (now.st_dev, now.st_ino) != (here.st_dev, here.st_ino):
            raise ChangedMeanwhile(0, "was changed meanwhile; nothing was written: run again", replacement.path)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: str) -> None:
    try:
        import fcntl
    except ImportError:  # Windows has no such lock; the comparison of contents is left
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ChangedMeanwhile(0, "is being written by another run; nothing was written", path) from None
    except OSError:  # a file system without locks
        return


def _stage(target: str, replacement: Replacement) -> str:
    """Write the new content beside a file, with all that the file has but its content; the result is the path."""
    status = os.stat(target)
    if not os.access(target, os.W_OK):
        raise PermissionError(13, "is not writable", replacement.path)
    beside = _write_beside(target, replacement.new, replacement.path)
    try:
        made = os.stat(beside)
        if (made.st_uid, made.st_gid) != (status.st_uid, status.st_gid):
            os.chown(beside, status.st_uid, status.st_gid)
        os.chmod(beside, status.st_mode & 0o7777)
        _copy_attributes(target, beside)
    except OSError as error:
        os.unlink(beside)
        raise OSError(error.errno, "its owner and mode can't be kept", replacement.path) from error
    except BaseException:
        os.unlink(beside)
        raise
    return beside


def _copy_attributes(target: str, beside: str) -> None:
    """Extended attributes, as far as they may be set."""
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for name in os.listxattr(target):
                os.setxattr(beside, name, os.getxattr(target, name))


def _write_beside(target: str, data: bytes, path: str | None = None) -> str:
    beside = f"{target}.{secrets.token_hex(4)}.tmp"
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        try:
            with open(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            os.unlink(beside)
            raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, path or target) from error
    return beside


def _move(staged: Sequence[tuple[str, Replacement]]) -> None:
    """Put what is staged in its place; if one can't be, those before it get their old content back."""
    done: list[Replacement] = []
    with _uninterrupted():
        try:
            for beside, replacement in staged:
                os.replace(beside, os.path.realpath(replacement.path))
                done.append(replacement)
        except OSError:
            for replacement in done:
                write_atomically(replacement.path, replacement.old)
            raise


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C and requests to end wait."""
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
