"""Private keys and PKCS #12 stores in DER, as far as it takes to tell what they are.

https://www.rfc-editor.org/rfc/rfc5958 (PKCS #8), rfc8017 (PKCS #1), rfc5915 (EC), rfc7292 (PKCS #12)
"""

from __future__ import annotations

from dfguard.finding import Confidence
from dfguard.struct import Struct

SEQUENCE, INTEGER, OCTETS, OID, CONTEXT_0, CONTEXT_1 = 0x30, 0x02, 0x04, 0x06, 0xA0, 0xA1
_DATA = bytes.fromhex("2a864886f70d010701")
_SIGNED = bytes.fromhex("2a864886f70d010702")
_BAGS = bytes.fromhex("060b2a864886f70d010c0a01")  # behind it: 1 a key, 2 an encrypted one, 3 a certificate
_PBE = (bytes.fromhex("2a864886f70d0105"), bytes.fromhex("2a864886f70d010c01"))
_KEY_ALGORITHMS = tuple(
    map(
        bytes.fromhex,
        # RSA, RSA-PSS, DSA, EC, X25519, X448, Ed25519, Ed448, Diffie-Hellman
        ("2a864886f70d010101", "2a864886f70d01010a", "2a8648ce380401", "2a8648ce3d0201", "2b656e", "2b656f", "2b6570",
         "2b6571", "2a864886f70d010301"),
    )
)  # fmt: skip
_CURVE_SIZES = (20, 21, 24, 28, 29, 30, 32, 36, 48, 52, 64, 66, 72)

PUBLIC = "public"


class Element(Struct):
    """A value of DER: its tag, and where its content lies."""

    tag: int
    start: int
    end: int


def element(data: bytes, at: int, end: int) -> Element | None:
    """The value that starts at `at`, None where none fits in there."""
    if at + 2 > end:
        return None
    length, start = data[at + 1], at + 2
    if length & 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or start + count > end:
            return None
        length = int.from_bytes(data[start : start + count], "big")
        start += count
    return None if start + length > end else Element(data[at], start, start + length)


def elements(data: bytes, outer: Element, most: int) -> list[Element]:
    """The first values inside of another one; empty where they don't fit."""
    found: list[Element] = []
    at = outer.start
    while at < outer.end and len(found) < most:
        inner = element(data, at, outer.end)
        if inner is None:
            return []
        found.append(inner)
        at = inner.end
    return found


def der_secret(data: bytes) -> tuple[str, Confidence] | str | None:
    """What a file in DER holds, and how sure that is; PUBLIC for a store of certificates, None for anything else."""
    whole = element(data, 0, len(data))
    if whole is None or whole.tag != SEQUENCE or len(data) - whole.end > 2:
        return None
    parts = elements(data, whole, 10)
    tags = [part.tag for part in parts]
    texts = [data[part.start : part.end] for part in parts]
    if tags[:2] == [INTEGER, SEQUENCE] and texts[0] == b"\x03":
        return _store(data, parts[1])
    if tags == [INTEGER] * 9 and texts[0] in (b"\0", b"\1") and len(texts[1]) >= 32:
        return "RSA private key", Confidence.HIGH
    if tags == [INTEGER] * 6 and texts[0] == b"\0" and len(texts[1]) >= 64:
        return "DSA private key", Confidence.HIGH
    if tags[:2] == [INTEGER, OCTETS] and CONTEXT_0 in tags and texts[0] == b"\1" and len(texts[1]) in _CURVE_SIZES:
        return "EC private key", Confidence.HIGH
    if tags[:3] == [INTEGER, SEQUENCE, OCTETS] and texts[0] in (b"\0", b"\1"):
        return ("private key", Confidence.HIGH) if _algorithm(data, parts[1]) in _KEY_ALGORITHMS else None
    if tags == [SEQUENCE, OCTETS] and _algorithm(data, parts[0]).startswith(_PBE):
        return "encrypted private key", Confidence.LOW
    return None


def _algorithm(data: bytes, outer: Element) -> bytes:
    inner = elements(data, outer, 2)
    return data[inner[0].start : inner[0].end] if inner and inner[0].tag == OID else b""


def _store(data: bytes, content: Element) -> tuple[str, Confidence] | str | None:
    """PKCS #12. Bags of keys stand in the open, only what is in them is encrypted."""
    if _algorithm(data, content) not in (_DATA, _SIGNED):
        return None
    if data.find(_BAGS + b"\1", content.start) >= 0:
        return "PKCS #12 store with an open private key", Confidence.HIGH
    if data.find(_BAGS + b"\2", content.start) >= 0:
        return "PKCS #12 store with a private key", Confidence.MEDIUM
    return PUBLIC
