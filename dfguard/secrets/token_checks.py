"""Second looks at tokens: checksums, alphabets and neighbours that a pattern can't see.

A check gets the data, the match and the detector's confidence, and gives the confidence of the hit,
or None for a look-alike. All work on a bounded piece of the data.
"""

from __future__ import annotations

import re
from binascii import Error as NotBase64
from binascii import a2b_base64

from dfguard.finding import Confidence
from dfguard.regex import regex
from dfguard.secrets.checksums import base36_checksum, base62_checksum, bech32_checksum, grafana_checksum
from dfguard.secrets.values import declared_fake

NEARBY = 400  # bytes around a hit in which its neighbours are looked for
_FEWEST, _FEWEST_AT_END = 8, 6  # different characters
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
# https://learn.microsoft.com/azure/storage/common/storage-use-azurite and
# https://learn.microsoft.com/azure/cosmos-db/emulator: the emulators' documented keys
_EMULATOR_KEYS = (
    b"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq",
    b"C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGy",
)


def secret_of(match: re.Match[bytes]) -> str:
    """The text of the group `secret`, or of all that matched."""
    return match["secret" if "secret" in match.re.groupindex else 0].decode("utf-8", "replace")


def decoded(text: bytes) -> bytes:
    """Base64 of either alphabet decoded; empty when it is none."""
    try:
        return a2b_base64(text.translate(_URL_SAFE) + b"=" * (-len(text) % 4))
    except NotBase64:
        return b""


def token(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """Refuse placeholders and texts of few different characters."""
    text = secret_of(match)
    return confidence if _drawn(text) and not declared_fake(text) else None


def _drawn(text: str) -> bool:
    """Whether a text has the variety of one that is drawn by lot, at its end too."""
    text = text.rstrip("=")
    return len(set(text)) >= _FEWEST and len(set(text[-16:])) >= _FEWEST_AT_END


def mixed(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """Refuse what holds no digit, as words joined by dashes do."""
    return token(data, match, confidence) if re.search(r"[0-9]", secret_of(match)[4:]) else None


def mixed_case(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """Refuse what is written in one case only, as the names of functions are."""
    text = secret_of(match).rpartition("_")[2]
    return None if text in (text.lower(), text.upper()) else token(data, match, confidence)


def mixed_case_digits(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """Refuse what lacks capitals, small letters or digits, or reads as words (`re_compileHtml5`)."""
    text = secret_of(match)
    body = text.partition("_")[2] or text
    kinds = sum(re.search(kind, body) is not None for kind in ("[A-Z]", "[a-z]", "[0-9]"))
    words = re.search(r"[a-z]{8}|[A-Z]{8}", body)
    return token(data, match, confidence) if kinds == 3 and not words else None


def base32(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """Refuse what has too few digits for 43 random characters of base32."""
    digits = len(re.findall("[2-7]", secret_of(match)))
    return token(data, match, confidence) if digits >= 3 else None


def crc_base62(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """GitHub and npm end a token in the base62 CRC-32 of its random part; a wrong one is LOW."""
    text = secret_of(match)
    if token(data, match, confidence) is None or not _drawn(text[:-6]):
        return None
    return confidence if text[-6:] == base62_checksum(text[4:-6]) else Confidence.LOW


def gitlab(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """A routable token ends in the base36 CRC-32 of all before it; a wrong one is LOW."""
    text = secret_of(match)
    start = text[:-7] if "." in text else text
    if not _drawn(start.partition(".")[0]):
        return None
    return mixed(data, match, confidence if start == text or text[-7:] == base36_checksum(start) else Confidence.LOW)


def grafana(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """A service account token ends in a CRC-32; a wrong one is LOW."""
    start, _, written = secret_of(match).rpartition("_")
    if token(data, match, confidence) is None or not _drawn(start):
        return None
    return confidence if written == grafana_checksum(start) else Confidence.LOW


def grafana_key(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """An API key is JSON in base64 with the key, its name and the organisation."""
    opened = decoded(match[0].rstrip(b"="))
    return confidence if opened.startswith(b'{"k":"') and b'"id":' in opened else None


def bech32(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """age's keys are Bech32 texts; one with a wrong checksum is none."""
    prefix, _, body = match[0].decode("ascii").lower().rpartition("1")
    return confidence if _drawn(body[:-6]) and body[-6:] == bech32_checksum(prefix, body[:-6]) else None


def bedrock(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """The part behind ABSK is base64 of `BedrockAPIKey-...`."""
    return confidence if decoded(match[0][4:].rstrip(b"=")).startswith(b"BedrockAPIKey-") else None


def aws_pair(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """A key id is no secret by itself: HIGH only beside something that looks like its secret."""
    if token(data, match, confidence) is None:
        return None
    nearby = data[max(0, match.start() - NEARBY) : match.end() + NEARBY]
    beside = re.finditer(rb"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])", nearby)
    paired = any(_three_kinds(found[0]) and not declared_fake(found[0].decode()) for found in beside)
    return confidence if paired else Confidence.LOW


def alibaba_pair(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """As with Amazon's, the id alone is LOW."""
    if mixed_case_digits(data, match, confidence) is None:
        return None
    nearby = data[max(0, match.start() - NEARBY) : match.end() + NEARBY]
    beside = re.finditer(rb"(?<![A-Za-z0-9])[A-Za-z0-9]{30}(?![A-Za-z0-9])", nearby)
    return confidence if any(_three_kinds(found[0]) for found in beside) else Confidence.LOW


def _three_kinds(text: bytes) -> bool:
    return all(re.search(kind, text) for kind in (rb"[a-z]", rb"[A-Z]", rb"[0-9]"))


def azure_key(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """Refuse the documented keys of the emulators."""
    text = secret_of(match).encode()
    return None if text.startswith(_EMULATOR_KEYS) else mixed(data, match, confidence)


def azure_sas(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """The other parts of a shared access signature stand around: version, expiry, resource.

    One that was good for a day at most opens nothing when an image is pulled: documentation is full of them.
    """
    nearby = data[max(0, match.start() - NEARBY) : match.end() + NEARBY]
    parts = sum(re.search(rb"[?&;]" + part + rb"=[^&\s]", nearby) is not None for part in (b"s[vr]", b"se", b"sr|ss"))
    if parts < 2:
        return None
    return mixed(data, match, Confidence.LOW if _of_a_day(nearby) else confidence)


def _of_a_day(text: bytes) -> bool:
    """Whether a signature says a day for its start and the same or the next one for its end."""
    start, end = (re.search(rb"[?&;]" + part + rb"=(\d{4})-(\d\d)-(\d\d)T", text) for part in (b"st", b"se"))
    if start is None or end is None:
        return False
    first, last = (31 * (12 * int(each[1]) + int(each[2])) + int(each[3]) for each in (start, end))
    return 0 <= last - first <= 1


# Variables that web frameworks build into the pages for all to read, up to the value: VITE_X=, "REACT_APP_X": "
_BUILT_IN = regex(
    rb"""(?<![A-Z0-9_])(?:(?:NEXT|NUXT|EXPO)_PUBLIC|REACT_APP|VUE_APP|NG_APP|VITE|GATSBY|PUBLIC)_[A-Z0-9_]{1,60}["']?"""
    rb"""[ \t]{0,3}[=: ][ \t]{0,3}["']?\Z"""
)


def google(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """A key beside `authDomain` is one of a Firebase web app, which is public by design, as is what pages hold."""
    nearby = data[max(0, match.start() - NEARBY) : match.end() + NEARBY]
    public = b"authDomain" in nearby or b"firebaseapp.com" in nearby or b"google-services" in nearby
    public = public or _BUILT_IN.search(data, max(0, match.start() - 90), match.start()) is not None
    return mixed(data, match, Confidence.LOW if public else confidence)


def discord(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """The first part is the id of the bot, digits in base64."""
    bot = decoded(match[0].partition(b".")[0])
    return mixed(data, match, confidence) if re.fullmatch(rb"[0-9]{17,20}", bot) else None


def telegram(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """The id of the bot stands before the colon: 8 to 10 digits."""
    before = data[max(0, match.start() - 12) : match.start()]
    return mixed(data, match, confidence) if re.search(rb"(?<![A-Za-z0-9])[0-9]{8,10}:\Z", before) else None


def json_web_token(data: bytes, match: re.Match[bytes], confidence: Confidence) -> Confidence | None:
    """The header names an algorithm other than none; jwt.io's sample (subject 1234567890) is refused."""
    header, payload, _ = match[0].split(b".")
    opened = decoded(header)
    if b'"alg"' not in opened or b'"none"' in opened.lower():
        return None
    return None if b'"1234567890"' in decoded(payload) else confidence
