"""What a run says of one file, before it is all put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.engine import Outcome
from dfguard.errors import DfguardError, InputError
from dfguard.run import Build, RunError, Skipped
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.flow.takes import BuildTakes


class FileReport(Struct):
    """What a run says of one file; `takes` are what its builds take, if any rule about ignore files asks.

    `paths` are the files that were looked at, besides the one that it is about.
    """

    outcome: Outcome
    suppressed: int = 0
    checked: bool = False
    builds: tuple[Build, ...] = ()
    notes: tuple[str, ...] = ()
    takes: tuple[BuildTakes, ...] = ()
    paths: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()


def failed(path: str, error: DfguardError) -> FileReport:
    """The report on a file that could not be checked."""
    message = error.reason if isinstance(error, InputError) else str(error)
    return FileReport(Outcome((), (), (RunError(path, message, error.exit_code),)))
