"""Second looks at a hit: checksums, encodings and neighbours that a pattern can't see.

A check gets the data, the match and the detector's confidence, and gives the confidence of the hit,
or None for a look-alike. All work on a bounded piece of the data.
"""

from __future__ import annotations

import re
from binascii import Error as NotBase64
from binascii import a2b_base64, crc32
from collections.abc import Callable

from dfguard.finding import Confidence
from dfguard.secrets.values import assess, credential_name, declared_fake

Check = Callable[[bytes, "re.Match[bytes]", Confidence], "Confidence | None"]

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM_LENGTH = 6
_NEARBY = 400  # bytes around a hit in which its neighbours are looked for
_LONGEST_KEY = 20_000  # bytes of PEM; an RSA key of 16,384 bits takes 13,000
# https://learn.microsoft.com/azure/storage/common/storage-use-azurite: the emulator's documented key
_AZURITE_KEY = b"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq"


def _secret(match: re.Match[bytes]) -> str:
    group = "secret" if "secret" in match.re.groupindex else 0
    return match[group].decode("utf-8", "replace")


def token(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """Refuse placeholders and texts of few different characters."""
    text = _secret(match)
    return None if declared_fake(text) or len(set(text)) < 8 else confidence


def mixed(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """Refuse what holds no digit, as words joined by dashes do."""
    return token(data, match, confidence) if re.search(r"[0-9]", _secret(match)[4:]) else None


def mixed_case(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """Refuse what is written in one case only, as the names of functions are."""
    text = _secret(match)[3:]
    return None if text in (text.lower(), text.upper()) else token(data, match, confidence)


def checksum(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """GitHub and npm end a token in the base62 CRC-32 of its random part; a wrong one is LOW."""
    text = _secret(match)
    body, written = text[4:-_CHECKSUM_LENGTH], text[-_CHECKSUM_LENGTH:]
    if token(data, match, confidence) is None:
        return None
    return confidence if written == base62_checksum(body) else Confidence.LOW


def base62_checksum(body: str) -> str:
    """The six base62 digits of the CRC-32 of an ASCII text, most significant first."""
    number, digits = crc32(body.encode("ascii")), ""
    for _ in range(_CHECKSUM_LENGTH):
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits


def aws_pair(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """A key id is no secret by itself: HIGH only beside something that looks like its secret."""
    if token(data, match, confidence) is None:
        return None
    nearby = data[max(0, match.start() - _NEARBY) : match.end() + _NEARBY]
    beside = re.finditer(rb"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])", nearby)
    paired = any(re.search(rb"[a-z]", found[0]) and re.search(rb"[A-Z]", found[0]) for found in beside)
    return confidence if paired else Confidence.LOW


def azure_key(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """Refuse the documented key of the storage emulator."""
    return None if match["secret"].startswith(_AZURITE_KEY) else token(data, match, confidence)


def service_account(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """The JSON object around the key says that it is one of a service account."""
    around = data[max(0, match.start() - 2000) : match.end() + 2000]
    return confidence if b'"service_account"' in around and len(set(match["secret"])) > 40 else None


def json_web_token(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """The header names an algorithm other than none; jwt.io's sample (subject 1234567890) is refused."""
    header, payload, _ = match[0].split(b".")
    opened = _base64(header.translate(_URL_SAFE))
    if b'"alg"' not in opened or b'"none"' in opened.lower():
        return None
    return None if b'"1234567890"' in _base64(payload.translate(_URL_SAFE)) else confidence


_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def _base64(text: bytes) -> bytes:
    """The decoded text; empty when it is no base64."""
    try:
        return a2b_base64(text + b"=" * (-len(text) % 4))
    except NotBase64:
        return b""


def private_key(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """The header is followed by key material; LOW where that is encrypted."""
    body = data[match.end() : match.end() + _LONGEST_KEY]
    body = body[: max(body.find(b"-----END"), 0) or len(body)]
    start = re.match(
        rb"(?:\\[rn]|[\s\"'+,\\|])*(?:[A-Za-z-]+: [^\r\n]{1,200}(?:\\[rn]|[\s\"'+,\\])+)*([A-Za-z0-9+/=]{16,})", body
    )
    if start is None or len(set(start[1])) < 8:
        return None
    encrypted = b"ENCRYPTED" in match[0] or b",ENCRYPTED" in body[:200]
    if start[1].startswith(_OPENSSH) and not start[1].startswith(_OPENSSH_PLAIN):
        encrypted = True
    return Confidence.LOW if encrypted else confidence


# base64 of "openssh-key-v1\0" and of the same with the cipher "none"
_OPENSSH = b"b3BlbnNzaC1rZXktdjEA"
_OPENSSH_PLAIN = b"b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"


def putty_key(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """LOW where the key is encrypted."""
    return confidence if b"Encryption: none" in match[0] else Confidence.LOW


def docker_auth(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """The text decodes to `user:password`."""
    user, colon, password = _base64(match["secret"]).decode("latin-1").partition(":")
    plain = user.isprintable() and password.isprintable()
    if not (colon and user and plain) or assess(password) is None:
        return None
    return confidence


def value(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """Refuse variables and placeholders; a usual default is LOW."""
    found = assess(_secret(match))
    return confidence if found is Confidence.MEDIUM else found


def url_password(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """Refuse placeholders (`user:pass@`, `:$TOKEN@`), LOW for usual defaults and for this machine."""
    found = assess(_secret(match))
    user, password, host = match["user"].lower(), match["secret"].lower(), match["host"].lower()
    if found is None or password in _SPOKEN_PASSWORDS or user in _SPOKEN_USERS or b"example." in host:
        return None
    local = host.partition(b":")[0] in (b"localhost", b"127.0.0.1", b"0.0.0.0", b"host.docker.internal")
    return Confidence.LOW if local or user == password else found


_SPOKEN_PASSWORDS = (b"pass", b"password", b"passwd", b"pwd", b"secret", b"token", b"pw", b"x-oauth-basic")
_SPOKEN_USERS = (b"user", b"username", b"usr", b"login", b"foo", b"u")


def connection_string(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """The same line names a server and a user."""
    start = max(0, match.start() - _NEARBY, data.rfind(b"\n", 0, match.start()))
    end = data.find(b"\n", match.end(), match.end() + _NEARBY)
    line = data[start : end if end >= 0 else match.end() + _NEARBY].lower()
    named = re.search(rb"(?:server|host|data source|jdbc:\w+|dsn)\s?[=:]", line)
    user = re.search(rb"(?:user id|userid|uid|user|username)\s?=", line)
    return value(data, match, confidence) if named and user else None


def assignment(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """The name is a credential's and the value can be one."""
    name, text = match["name"].decode("ascii"), _secret(match)
    if not credential_name(name):
        return None
    quoted = text[:1] in ("'", '"')
    text = text[1:-1] if quoted else text
    code = not quoted and re.search(r"[(){}\[\],]|\w\.\w+$|^[&*!]|&\w+=", text)
    return None if code or name.lower() in text.lower() else assess(text)


CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        token,
        mixed,
        mixed_case,
        checksum,
        aws_pair,
        azure_key,
        service_account,
        json_web_token,
        private_key,
        putty_key,
        docker_auth,
        value,
        url_password,
        connection_string,
        assignment,
    )
}
