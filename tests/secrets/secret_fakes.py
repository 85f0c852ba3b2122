"""Fake secrets, put together at run time so that scanners of this repository stay calm.

All are drawn from a seeded generator: none has ever been valid anywhere.
"""

from __future__ import annotations

import base64
import json
import random
import string

from dfguard.secrets.checksums import base62_checksum

BASE62 = string.ascii_letters + string.digits
URL64 = BASE62 + "-_"
HEX = "0123456789abcdef"


def draw(length: int, alphabet: str = BASE62, seed: object = 1) -> str:
    """`length` characters; the same for the same arguments."""
    return "".join(random.Random(f"{length} {alphabet} {seed}").choices(alphabet, k=length))


def checksummed(prefix: str, seed: object = 1) -> str:
    """A token of GitHub's and npm's form with the right checksum."""
    body = draw(30, seed=seed)
    return prefix + body + base62_checksum(body)


def pem(kind: str, *, headers: str = "", newline: str = "\n", seed: object = 1) -> str:
    """A PEM block of `kind` with random key material."""
    label = f"{kind} KEY" if kind.endswith("PRIVATE") else kind
    lines = [draw(64, BASE62 + "+/", seed=(seed, line)) for line in range(12)]
    dashes = "-" * 5
    parts = (
        f"{dashes}BEGIN {label}{dashes}",
        *([headers] if headers else []),
        *lines,
        f"{dashes}END {label}{dashes}",
        "",
    )
    return newline.join(parts)


def openssh(cipher: str) -> str:
    """An OpenSSH private key with `cipher` ("none" for a plain one)."""
    head = b"openssh-key-v1\0" + len(cipher).to_bytes(4, "big") + cipher.encode()
    body = base64.b64encode(head + draw(400).encode()).decode()
    dashes = "-" * 5
    return f"{dashes}BEGIN OPENSSH PRIVATE KEY{dashes}\n{body}\n{dashes}END OPENSSH PRIVATE KEY{dashes}\n"


def jwt(header: dict[str, str], payload: dict[str, object]) -> str:
    """A JSON web token with a random signature."""
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, payload))
    return ".".join((*parts, draw(43, URL64)))


def docker_auth(user_and_password: str) -> str:
    """A Docker client's config.json with one login."""
    auth = base64.b64encode(user_and_password.encode()).decode()
    return json.dumps({"auths": {"registry.test": {"auth": auth}}}, indent=2)
