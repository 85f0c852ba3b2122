"""Secret keys of GnuPG and OpenPGP: key rings, exported keys, and the agent's own files.

https://www.rfc-editor.org/rfc/rfc9580#section-5.5.3
"""

from __future__ import annotations

from dfguard.finding import Confidence

_SECRET_KEY = 5
# Body of a version 4 key: numbers in front of the secret part by algorithm; of curves an identifier comes first.
_NUMBERS = {1: 2, 2: 2, 3: 2, 16: 3, 17: 4, 18: 1, 19: 1, 22: 1}
_NATIVE = {25: 32, 26: 56, 27: 32, 28: 57}  # bytes of the public part
_EARLIEST = 631_152_000  # 1990; a time before that is no key's


def packet_secret(data: bytes) -> Confidence | None:
    """HIGH for a secret key without a passphrase, MEDIUM for one with it, None for anything else."""
    first = data[0]
    if first & 0x40:
        tag, at = first & 0x3F, _new_body(data)
    else:
        tag, at = first >> 2 & 0x0F, 1 + (1, 2, 4, 0)[first & 3]
    if tag != _SECRET_KEY or at < 0 or len(data) < at + 12:
        return None
    version, created, algorithm = data[at], int.from_bytes(data[at + 1 : at + 5], "big"), data[at + 5]
    if version == 6:
        return Confidence.MEDIUM if algorithm in _NATIVE else None
    if version != 4 or created < _EARLIEST or algorithm not in {**_NUMBERS, **_NATIVE}:
        return None
    at = _behind_public(data, at + 6, algorithm)
    if not 0 <= at < len(data):
        return None
    usage = data[at]
    return Confidence.HIGH if usage == 0 else Confidence.MEDIUM if usage in (253, 254, 255) else None


def _new_body(data: bytes) -> int:
    """Where the body behind a new header starts, -1 for a length in pieces."""
    length = data[1] if len(data) > 1 else 0
    return 2 if length < 192 else 3 if length < 224 else 6 if length == 255 else -1


def _behind_public(data: bytes, at: int, algorithm: int) -> int:
    """Where the secret part starts, -1 where the public one is none."""
    if algorithm in _NATIVE:
        return at + _NATIVE[algorithm]
    if algorithm in (18, 19, 22):
        at += 1 + data[at]
    for _ in range(_NUMBERS[algorithm]):
        if at + 2 > len(data):
            return -1
        bits = int.from_bytes(data[at : at + 2], "big")
        if not 0 < bits <= 16_384:
            return -1
        at += 2 + (bits + 7) // 8
    if algorithm == 18:
        at += 1 + data[at] if at < len(data) else 0
    return at


def agent_secret(data: bytes) -> Confidence | None:
    """HIGH for an open key of gpg-agent, LOW for a protected one."""
    head = data[:2000]
    if b"(private-key" in head or b"(11:private-key" in head:
        return Confidence.HIGH
    return Confidence.LOW if b"protected-private-key" in head else None
