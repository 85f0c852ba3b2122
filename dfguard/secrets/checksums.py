"""Checksums that vendors put into their tokens, so that a random look-alike can be told from one."""

from __future__ import annotations

from zlib import crc32

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def crc_digits(text: str, alphabet: str, length: int) -> str:
    """The CRC-32 of an ASCII text in the digits of an alphabet, most significant first."""
    number, digits = crc32(text.encode("ascii")), ""
    for _ in range(length):
        number, digit = divmod(number, len(alphabet))
        digits = alphabet[digit] + digits
    return digits


def base62_checksum(body: str) -> str:
    """What GitHub and npm put behind the random part of a token."""
    return crc_digits(body, BASE62, 6)


def base36_checksum(start: str) -> str:
    """What GitLab puts behind all that comes before it in a routable token."""
    return crc_digits(start, BASE36, 7)


def grafana_checksum(start: str) -> str:
    """What Grafana puts behind prefix and random part, in hexadecimal, least significant byte first."""
    return crc32(start.encode("ascii")).to_bytes(4, "little").hex()


def bech32_checksum(prefix: str, data: str) -> str:
    """The last six characters of a Bech32 text (BIP 173); all in lower case."""
    values = [*(ord(c) >> 5 for c in prefix), 0, *(ord(c) & 31 for c in prefix), *map(BECH32.index, data), *[0] * 6]
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            check ^= generator if top >> bit & 1 else 0
    check ^= 1
    return "".join(BECH32[check >> 5 * (5 - place) & 31] for place in range(6))
