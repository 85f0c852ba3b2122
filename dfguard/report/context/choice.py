"""What a report on a context shows."""

from __future__ import annotations

from dfguard.context.tree import ContextFile
from dfguard.report.context.view import ContextView
from dfguard.struct import Struct


class Choice(Struct):
    """`all`: every file, no folded folders; `dropped`: only what is dropped; `largest`: so many of the largest
    files; `stage`: only what reaches the stage of that index."""

    all: bool = False
    dropped: bool = False
    largest: int = 5
    stage: int | None = None

    def takes(self, view: ContextView, file: ContextFile) -> bool:
        """Whether a kept file is shown."""
        return self.stage is None or self.stage in view.fate(file).stages
