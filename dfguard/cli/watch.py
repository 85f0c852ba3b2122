"""`dfguard check --watch`: check again whenever a file changes, until Ctrl-C.

Files are looked at from time to time, no service of the system is asked: it works on every file system. A look takes
at most a twentieth of the time.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence

from dfguard.cli import check
from dfguard.cli.main import printable
from dfguard.discovery import SKIPPED_FOLDERS
from dfguard.errors import EXIT_CLEAN, DfguardError, UsageError
from dfguard.gitignored import repository_root

PACE = 0.5  # seconds between two looks, if they are quick
_SHARE = 20
MAX_FILES = 100_000
_CLEAR = "\x1b[2J\x1b[3J\x1b[H"

Signature = dict[str, tuple[int, int]]


def run_watch(options: argparse.Namespace, arguments: Sequence[str]) -> int:
    """Check, and again after each change; Ctrl-C ends it, with exit code 0."""
    for name in ("fix", "add_ignores", "interactive"):
        if getattr(options, name):
            raise UsageError(f"--watch writes nothing: expected no --{name.replace('_', '-')} beside it")
    if check.STDIN in options.paths:
        raise UsageError("--watch looks at files: expected their names in place of -")
    once = [argument for argument in arguments if argument != "--watch"]
    folders = tuple(dict.fromkeys(map(_top, [*options.file, *options.paths] or ["."])))
    try:
        while True:
            before = signature(folders)
            _check(once, len(before))
            _wait(folders, before)
    except KeyboardInterrupt:
        sys.stderr.write("\n" if sys.stderr.isatty() else "")
        return EXIT_CLEAN


def _check(arguments: Sequence[str], files: int) -> None:
    """One run; what is wrong with the command line or a configuration is said, as it may be mended."""
    sys.stdout.write(_CLEAR if sys.stdout.isatty() else "")
    try:
        check.run(arguments)
    except DfguardError as error:
        sys.stderr.write(f"dfguard: {printable(str(error))}\n")
    sys.stdout.flush()
    sys.stderr.write(f"dfguard: {time.strftime('%H:%M:%S')} watching {files:,} files; Ctrl-C ends it\n")
    sys.stderr.flush()


def _wait(folders: Sequence[str], before: Signature) -> None:
    """Return when a file changed, and no other one does for a moment."""
    pause, settled = PACE, before
    while True:
        time.sleep(pause)
        start = time.perf_counter()
        now = signature(folders)
        pause = max(PACE, _SHARE * (time.perf_counter() - start))
        if now != before and now == settled:
            return
        settled = now


def _top(path: str) -> str:
    """The folder to watch for a path: its repository, else the folder itself."""
    folder = path if os.path.isdir(path) else os.path.dirname(path) or "."
    return repository_root(folder) or folder


def signature(folders: Sequence[str]) -> Signature:
    """Size and time of each file below some folders; links are no folders, and what no walk enters is left out."""
    found: Signature = {}
    for path, status in _files(folders):
        found[path] = (status.st_mtime_ns, status.st_size)
        if len(found) >= MAX_FILES:
            break
    return found


def _files(folders: Sequence[str]) -> Iterator[tuple[str, os.stat_result]]:
    pending = list(folders)
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    if not entry.is_dir(follow_symlinks=False):
                        yield entry.path, entry.stat(follow_symlinks=False)
                    elif entry.name not in SKIPPED_FOLDERS:
                        pending.append(entry.path)
        except OSError:  # it went meanwhile, or can't be read: the check says so
            continue
