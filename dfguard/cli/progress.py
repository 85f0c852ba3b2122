"""A line on the terminal that says how far a long run is; nothing where standard error is no terminal."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType

from dfguard.context.progress import Progress

PATIENCE = 1.0  # seconds before the line appears
PACE = 0.1  # seconds between two updates
WIDTH = 20  # of the bar
_CLEAR = "\r\x1b[K"


class ProgressLine(Progress):
    """Use it in a `with`: at its end the line is gone, so that the report starts on a clean one."""

    def __init__(self) -> None:
        self.files = 0
        self.bytes = 0
        self.done = self.total = 0
        self.shown = False
        self.active = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self.due = time.monotonic() + PATIENCE

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self.shown:
            sys.stderr.write(_CLEAR)
            sys.stderr.flush()

    def listed(self, count: int) -> None:
        """Count, and show it from time to time."""
        self.files += count
        self._show()

    def checked(self, done: int, total: int) -> None:
        """Show a bar where there are several Dockerfiles."""
        self.done, self.total = done, total
        self._show()

    def read(self, size: int) -> None:
        """Count, and show it from time to time."""
        self.bytes += size
        self._show()

    def _show(self) -> None:
        if not self.active:
            return
        now = time.monotonic()
        if now < self.due:
            return
        self.due = now + PACE
        self.shown = True
        read = f", {self.bytes / 1e6:,.1f} MB read" if self.bytes else ""
        sys.stderr.write(f"{_CLEAR}dfguard: {self._bar()}{self.files:,} files listed{read}")
        sys.stderr.flush()

    def _bar(self) -> str:
        if self.total < 2:
            return ""
        full = WIDTH * self.done // self.total
        return f"[{'#' * full}{'.' * (WIDTH - full)}] {self.done:,} of {self.total:,} Dockerfiles, "
