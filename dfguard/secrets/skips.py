"""What was not looked at, and why: silence must mean clean."""

from __future__ import annotations

from dfguard.struct import Struct

UNREADABLE = "unreadable"
NOT_REGULAR = "not regular"
TOO_LARGE = "too large"
BUDGET = "budget"
CUT = "cut"  # an archive that unpacks to too much, or holds too many files
ENCRYPTED = "encrypted"
NESTED = "nested"  # an archive within an archive
BROKEN = "broken"
NOT_UNDERSTOOD = "not understood"
UNKNOWN = "unknown"  # a compression that nothing here can undo


class Skip(Struct):
    """A file, or a part of one, whose content was not looked at.

    `path` is that of the file; `reason` one of the constants of this module; `detail` a few words
    that read behind a colon, with the member of an archive where it is one.
    """

    path: str
    reason: str
    detail: str


class Limits(Struct):
    """How much is read, in bytes unless said.

    `file` of one file; `run` of all files together, unpacked ones counted too; `unpacked` of what
    one archive or compressed file unpacks to, which may be `ratio` times its size at most; `members`
    is a number of files in an archive.
    """

    file: int = 128 * 1024 * 1024
    run: int = 4 * 1024 * 1024 * 1024
    unpacked: int = 512 * 1024 * 1024
    ratio: int = 200
    members: int = 50_000
