"""Second looks at private keys, logins and passwords; see token_checks.py for what a check is."""

from __future__ import annotations

import re

from dfguard.finding import Confidence
from dfguard.regex import regex
from dfguard.secrets.token_checks import NEARBY, decoded, secret_of
from dfguard.secrets.values import assess

_LONGEST_KEY = 20_000  # bytes of PEM; an RSA key of 16,384 bits takes 13,000
# base64 of "openssh-key-v1\0" and of the same with the cipher "none"
_OPENSSH = b"b3BlbnNzaC1rZXktdjEA"
_OPENSSH_PLAIN = b"b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"
# Programs that test themselves hold keys for it as constants, several beside one another (GnuTLS has nine)
_CONSTANT = regex(rb"\x00-----BEGIN (?:[A-Z0-9]{2,12} ){0,2}PRIVATE KEY-----")
_NEAR_CONSTANTS, _MANY_CONSTANTS = 12_000, 3
_CUT = regex(rb"\.\.|\xe2\x80\xa6|[<\[](?:snip|omitted|cut|redacted|your)|EXAMPLE|xxxx|\*\*\*")
_BODY = regex(rb"(?:\\[rn]|[\s\"'+,\\|])*(?:[A-Za-z-]+: [^\r\n]{1,200}(?:\\[rn]|[\s\"'+,\\])+)*([A-Za-z0-9+/=]{16,})")


def service_account(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """The JSON object around the key says that it is one of a service account."""
    around = data[max(0, match.start() - 2000) : match.end() + 2000]
    key = re.sub(rb"-----[A-Z ]+-----|\\n", b"", match[0])
    return confidence if b'"service_account"' in around and len(set(key)) > 40 else None


def private_key(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """The header is followed by key material; LOW where that is encrypted or one of a program's own self-tests, none
    where it is cut short as in documentation. Of a key in DER the length that is written at its start must
    fit, else it is MEDIUM.
    """
    body = data[match.end() : match.end() + _LONGEST_KEY]
    end = body.find(b"-----END")
    body = body[:end] if end > 0 else body
    start = _BODY.match(body)
    if start is None or len(set(start[1])) < 8:
        return None
    if _CUT.search(body):
        return None
    if end < 0:
        return Confidence.LOW
    if start[1].startswith(b"MI") and not _whole(body[start.start(1) :]):
        confidence = max(confidence, Confidence.MEDIUM, key=lambda each: each.rank)
    encrypted = b"ENCRYPTED" in match[0] or b",ENCRYPTED" in body[:200]
    if start[1].startswith(_OPENSSH) and not start[1].startswith(_OPENSSH_PLAIN):
        encrypted = True
    return Confidence.LOW if encrypted or _for_self_tests(data, match.start()) else confidence


def _for_self_tests(data: bytes, at: int) -> bool:
    """Whether a key is one of several constants of a compiled program. A single one is no test: it is in use."""
    if data[at - 1 : at] != b"\0":
        return False
    around = data[max(0, at - _NEAR_CONSTANTS) : at + _NEAR_CONSTANTS]
    return len(_CONSTANT.findall(around)) >= _MANY_CONSTANTS


def _whole(body: bytes) -> bool:
    """Whether base64 of a DER sequence is as long as the sequence says."""
    inner = decoded(re.sub(rb"\\[nrt]|[^A-Za-z0-9+/]", b"", body))
    if len(inner) < 4 or inner[1] < 0x80:
        return len(inner) >= 2 and inner[1] == len(inner) - 2
    count = inner[1] & 0x7F
    return int.from_bytes(inner[2 : 2 + count], "big") == len(inner) - 2 - count


def openvpn_key(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """The header is followed by 256 bytes in hexadecimal, or by base64."""
    body = data[match.end() : match.end() + 400]
    found = re.match(rb"\s{1,4}([A-Za-z0-9+/=\s]{64,})", body)
    return confidence if found and len(set(found[1])) > 12 else None


def putty_key(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """LOW where the key is encrypted."""
    return confidence if b"Encryption: none" in match[0] else Confidence.LOW


def docker_auth(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """The text decodes to `user:password`."""
    user, colon, password = decoded(secret_of(match).encode()).decode("latin-1").partition(":")
    plain = user.isprintable() and password.isprintable()
    if not (colon and user and plain) or assess(password) is None:
        return None
    return confidence


def value(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """Refuse variables and placeholders; a usual default is LOW."""
    found = assess(secret_of(match))
    return confidence if found is Confidence.MEDIUM else found


def npm_auth(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """A login of .npmrc: the name is written behind a registry, `//host/:_authToken=`, or starts its line."""
    line = data[max(0, match.start() - NEARBY) : match.start()].rpartition(b"\n")[2]
    placed = re.match(rb"[ \t\"']{0,8}(?://[^\s:]{1,200}(?::[0-9]{1,5})?[^\s:]{0,200}:)?_[A-Za-z]{4,9}\s{0,4}=", line)
    return value(data, match, confidence) if placed else None


def url_password(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """Refuse placeholders (`user:pass@`, `:$TOKEN@`), LOW for usual defaults and for this machine."""
    found = assess(secret_of(match))
    user, password, host = match["user"].lower(), match["secret"].lower(), match["host"].lower()
    if found is None or password in _SPOKEN_PASSWORDS or user in _SPOKEN_USERS or b"example." in host:
        return None
    local = host.partition(b":")[0] in (b"localhost", b"127.0.0.1", b"0.0.0.0", b"host.docker.internal")
    return Confidence.LOW if local or user == password else found


_SPOKEN_PASSWORDS = (b"pass", b"password", b"passwd", b"pwd", b"secret", b"token", b"pw", b"x-oauth-basic")
_SPOKEN_USERS = (b"user", b"username", b"usr", b"login", b"foo", b"u")


def connection_string(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """The same line names a server and a user; and it is no argument of a call (`password=x, host=y`)."""
    if data[match.end() : match.end() + 1] in (b",", b")"):
        return None
    first = max(0, match.start() - NEARBY)
    start = max(first, data.rfind(b"\n", first, match.start()))
    end = data.find(b"\n", match.end(), match.end() + NEARBY)
    line = data[start : end if end >= 0 else match.end() + NEARBY].lower()
    named = re.search(rb"(?:server|host|data source|jdbc:\w+|dsn)\s?[=:]", line)
    user = re.search(rb"(?:user id|userid|uid|user|username)\s?=", line)
    return value(data, match, confidence) if named and user else None
