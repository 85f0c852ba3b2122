"""Name and content of a file together: is it a secret that somebody should be told of?"""

from __future__ import annotations

from dfguard.finding import Confidence
from dfguard.secrets.contents import SecretHit, scan
from dfguard.secrets.names import NamedSecret, classify, in_foreign_place, with_article

# Formats that are as often test data as live: never more than low confidence in foreign places.
_OFTEN_TEST_DATA = frozenset(
    (
        "connection-string-password",
        "credential-assignment",
        "json-web-token",
        "private-key",
        "putty-key",
        "url-password",
    )
)
_PUBLIC_MARKS = (
    b"-----BEGIN CERTIFICATE",
    b"-----BEGIN PUBLIC KEY",
    b"-----BEGIN PGP PUBLIC",
    b"ssh-rsa AAAA",
    b"ssh-ed25519 AAAA",
)


def weigh(path: str, data: bytes | None) -> NamedSecret | None:
    """What a file is, by its path in the build context or image and, if known, its content.

    `data` is the content or the first megabytes of it; None when the file can't be read (it may be
    missing from this checkout): then the name speaks alone. An empty file is nothing. A file without
    a telling name is "file with a ..." for the surest secret found in it.
    """
    named = classify(path)
    if data is None:
        return named
    if not data.strip():
        return None
    surest = min(scan(data), key=lambda hit: hit.confidence.rank, default=None)
    if named is None:
        return None if surest is None else _by_content(surest, in_foreign_place(path))
    if surest is None:
        return _without_hit(named, data)
    confidence = Confidence.LOW if in_foreign_place(path) else _together(named, surest)
    return named.but(confidence=confidence, content_decides=False)


def _by_content(hit: SecretHit, foreign: bool) -> NamedSecret:
    confidence = hit.confidence
    if foreign:
        doubtful = hit.detector in _OFTEN_TEST_DATA or confidence is not Confidence.HIGH
        confidence = Confidence.LOW if doubtful else Confidence.MEDIUM
    return NamedSecret(f"file with {with_article(hit.title)}", confidence, hit.detector)


def _together(named: NamedSecret, hit: SecretHit) -> Confidence:
    """A telling name makes a medium hit sure; a doubtful hit (an encrypted key, a default) stays below."""
    if hit.confidence is not Confidence.LOW:
        return Confidence.HIGH
    return Confidence.MEDIUM if named.detector == "private-key-file" else Confidence.LOW


def _without_hit(named: NamedSecret, data: bytes) -> NamedSecret | None:
    """Nothing that looks like a secret inside: settings only, a public key, or a format we can't read."""
    if any(mark in data for mark in _PUBLIC_MARKS):
        return None
    if named.content_decides:
        unreadable = named.detector == "pem-file" and b"\0" in data[:1024]
        return named.but(confidence=Confidence.LOW) if unreadable else None
    return named.but(confidence=Confidence.LOW) if named.detector == "environment-file" else named
