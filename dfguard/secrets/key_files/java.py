"""Java's key stores, entry by entry: those with certificates alone are trust stores, and no secret."""

from __future__ import annotations

from dfguard.secrets.key_files.marks import JCEKS

_MOST_ENTRIES = 10_000
_TRUSTED, _PRIVATE = 2, 1
_BKS_CERTIFICATE, _BKS_KEY, _BKS_SECRET, _BKS_SEALED = 1, 2, 3, 4


class Truncated(Exception):
    """The store ends too early, or is none."""


class _Cursor:
    """Numbers and texts of a DataOutputStream, one after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data = data
        self.at = at

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def take(self, size: int) -> bytes:
        if size < 0 or self.at + size > len(self.data):
            raise Truncated
        self.at += size
        return self.data[self.at - size : self.at]

    def text(self) -> bytes:
        return self.take(self.number(2))


def holds_key(data: bytes) -> bool | None:
    """Whether a JKS or JCEKS store holds a private or secret key; None where it can't be read."""
    cursor = _Cursor(data, 4)
    try:
        version, count = cursor.number(4), cursor.number(4)
        if version not in (1, 2) or count > _MOST_ENTRIES:
            return None
        for _ in range(count):
            tag = cursor.number(4)
            if tag == _PRIVATE or (tag == 3 and data.startswith(JCEKS)):
                return len(cursor.text()) < 1000
            if tag != _TRUSTED:
                return None
            cursor.text()
            cursor.take(8)
            if version == 2:
                cursor.text()
            cursor.take(cursor.number(4))
    except Truncated:
        return None
    return False


def bks_holds_key(data: bytes) -> bool | None:
    """The same of Bouncy Castle's BKS."""
    cursor = _Cursor(data, 4)
    try:
        cursor.take(cursor.number(4))
        if not 1 <= cursor.number(4) <= 10_000_000:  # rounds
            return None
        for _ in range(_MOST_ENTRIES):
            kind = cursor.number(1)
            if kind == 0:
                return False
            cursor.text()
            cursor.take(8)
            for _ in range(cursor.number(4) if kind != 0 else 0):
                cursor.text()
                cursor.take(cursor.number(4))
            if kind in (_BKS_KEY, _BKS_SECRET, _BKS_SEALED):
                return True
            if kind != _BKS_CERTIFICATE:
                return None
            cursor.text()
            cursor.take(cursor.number(4))
    except Truncated:
        pass
    return None
