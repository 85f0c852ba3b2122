"""Values that look like credentials, drawn anew from a seed: no scanner takes a file of the tests for a leak."""

from __future__ import annotations

import base64
import re
import string
from random import Random

RANDOM = Random(20240611)


def drawn(alphabet: str, length: int) -> str:
    """Random characters, digits among them."""
    while True:
        text = "".join(RANDOM.choice(alphabet) for _ in range(length))
        if sum(char.isdigit() for char in text) >= 3 and not text.isdigit():
            return text


HEX = "0123456789abcdef"
BASE62 = string.ascii_letters + string.digits
VALUES = {
    "HEX16": drawn(HEX, 16),
    "HEX16B": drawn(HEX, 16),
    "HEX32": drawn(HEX, 32),
    "HEX40": drawn(HEX, 40),
    "BASE62": drawn(BASE62, 32),
    "BASE64": base64.b64encode(RANDOM.randbytes(32)).decode(),
    "FERNET": base64.urlsafe_b64encode(RANDOM.randbytes(32)).decode(),
    "PASSWORD": "kT7" + "-wq2.Zb",
    "DJANGO": "w0#7k$-mf2!v9xq^t4&z_hb6(3r8@ynde5+ju1lcg*pso",
    "AWS_KEY": "AK" + "IA" + "QX7TZ2KM5WRN4VHB",
    "AWS_SECRET": drawn(BASE62 + "/+", 40),
    "GITLAB": "gl" + "pat-" + drawn(BASE62, 20),
    "LOGIN": base64.b64encode(b"ci:" + b"kT7" + b"-wq2.Zb").decode(),
    "PEM": "-----BEGIN " + "RSA PRIVATE KEY-----\n"
    + "\n".join(base64.b64encode(RANDOM.randbytes(48)).decode() for _ in range(6))
    + "\n-----END " + "RSA PRIVATE KEY-----",
}  # fmt: skip


def filled(text: str) -> str:
    """`text` with `@NAME@` replaced by values."""
    return re.sub(r"@([A-Z0-9_]+)@", lambda match: VALUES.get(match[1], match[0]), text)


def marked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """`text` without its «marks», and the places between them."""
    places: list[tuple[int, int]] = []
    out: list[str] = []
    length = 0
    for piece in re.split("([«»])", text):
        if piece == "«":
            places.append((length, length))
        elif piece == "»":
            places[-1] = places[-1][0], length
        else:
            out.append(piece)
            length += len(piece)
    return "".join(out), places
