"""Name and content of a file together: is it a secret that somebody should be told of?"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dfguard.finding import Confidence
from dfguard.secrets.contents import scan
from dfguard.secrets.detectors import SecretHit
from dfguard.secrets.key_files.marks import looks_stored
from dfguard.secrets.names import (
    ARCHIVE,
    FILE,
    HISTORY,
    MISNAMED,
    TEXT,
    NamedSecret,
    classify,
    in_foreign_place,
    with_article,
)
from dfguard.secrets.values import assess

# Formats that are as often test data as live: never more than low confidence in foreign places.
_OFTEN_TEST_DATA = frozenset(
    (
        "connection-string-password",
        "credential-assignment",
        "json-web-token",
        "netrc-password",
        "openvpn-static-key",
        "private-key",
        "putty-key",
        "quoted-credential",
        "url-password",
        "wireguard-key",
    )
)
_PUBLIC_MARKS = (
    b"-----BEGIN CERTIFICATE",
    b"-----BEGIN PUBLIC KEY",
    b"-----BEGIN PGP PUBLIC",
    b"ssh-rsa AAAA",
    b"ssh-ed25519 AAAA",
)
_ENCRYPTED_FROM_THE_START = (
    b"$ANSIBLE_VAULT;",
    b"\0GITCRYPT\0",
    b"age-encryption.org/v1\n",
    b"-----BEGIN AGE ENCRYPTED FILE-----",
    b"-----BEGIN PGP MESSAGE-----",
)
_KEYS = frozenset(("private-key", "putty-key"))
_PUBLIC_EXTENSIONS = (".pub", ".crt", ".cer", ".cert", ".csr")

Hits = Sequence[tuple[SecretHit, int]]  # each with its line, 0 for none


def weigh(path: str, data: bytes | None) -> NamedSecret | None:
    """What a file is, by its path in the build context or image and, if known, its content.

    `data` is the content or the first megabytes of it; None when the file can't be read (it may be
    missing from this checkout): then the name speaks alone. An empty file is nothing. A file without
    a telling name is "file with a ..." for the surest secret found in it.
    """
    hits = () if data is None else tuple((hit, data.count(b"\n", 0, hit.start) + 1) for hit in scan(data))
    return weigh_hits(path, data, hits)


def weigh_hits(path: str, head: bytes | None, hits: Hits) -> NamedSecret | None:
    """As `weigh`, of a file whose content was looked at: `head` is its beginning, `hits` what was found."""
    named = classify(path)
    if head is None or (named is None and not hits):
        return named
    if not head.strip():
        return None
    surest = min(hits, key=lambda found: found[0].confidence.rank, default=None)
    if surest is None:
        return None if named is None else _without_hit(named, head)
    hit, line = surest
    if named is None:
        structure = next((found.file for found, _ in hits if found.file), "")
        return _by_structure(path, structure, hit, line) if structure else _by_content(path, hit, line)
    confidence = Confidence.LOW if in_foreign_place(path) else _together(named, hit)
    return named.but(confidence=confidence, content_decides=False, line=line, key=hit.key)


def within_archive(path: str, surest: NamedSecret | None, found: NamedSecret | None, member: str) -> NamedSecret | None:
    """The surer of two: what was found in the archive `path` so far, and what a further member of it is."""
    if found is None or (surest is not None and surest.confidence.rank <= found.confidence.rank):
        return surest
    sort = HISTORY if _is_history(path) else ARCHIVE
    return found.but(kind=f"archive with {with_article(found.kind)}", inside=member, sort=sort)


def _is_history(path: str) -> bool:
    return ".git" in path.split("/")[:-1]


def _by_content(path: str, hit: SecretHit, line: int) -> NamedSecret:
    confidence = hit.confidence
    if in_foreign_place(path):
        doubtful = hit.detector in _OFTEN_TEST_DATA or confidence is not Confidence.HIGH
        confidence = Confidence.LOW if doubtful else Confidence.MEDIUM
    sort = TEXT
    if hit.detector in _KEYS and path.lower().endswith(_PUBLIC_EXTENSIONS):
        sort = MISNAMED
    elif _is_history(path):
        sort = HISTORY
    return NamedSecret(f"file with {with_article(hit.title)}", confidence, hit.detector, False, line, hit.key, "", sort)


def _by_structure(path: str, structure: str, hit: SecretHit, line: int) -> NamedSecret:
    """A file of credentials or keys under a name that tells nothing."""
    from dfguard.secrets.files.find import known_kind
    from dfguard.secrets.key_files.find import KINDS

    known = known_kind(structure)
    kind = KINDS[structure] if known is None else known.kind
    confidence = Confidence.LOW if in_foreign_place(path) else hit.confidence
    sort = FILE
    if structure == "private-key-file" and path.lower().endswith(_PUBLIC_EXTENSIONS):
        sort = MISNAMED
    elif _is_history(path):
        sort = HISTORY
    return NamedSecret(kind, confidence, structure, False, line, hit.key, "", sort)


def _together(named: NamedSecret, hit: SecretHit) -> Confidence:
    """A telling name makes a medium hit sure; a doubtful hit (an encrypted key, a default) stays below."""
    if hit.confidence is not Confidence.LOW:
        return Confidence.HIGH
    return Confidence.MEDIUM if named.detector == "private-key-file" else Confidence.LOW


def is_encrypted(data: bytes) -> bool:
    """Whether a file is encrypted as a whole, or value by value: by ansible-vault, age, git-crypt, PGP or sops."""
    return data.startswith(_ENCRYPTED_FROM_THE_START) or b"ENC[AES256_GCM,data:" in data


def _without_hit(named: NamedSecret, data: bytes) -> NamedSecret | None:
    """Nothing that looks like a secret inside: settings only, a public key, or a format we can't read."""
    if any(mark in data for mark in _PUBLIC_MARKS) or is_encrypted(data) or _is_public_store(data):
        return None
    if named.detector in _ONE_LINE:
        return _one_line(named, data)
    if named.content_decides:
        unreadable = named.detector == "pem-file" and b"\0" in data[:1024]
        return named.but(confidence=Confidence.LOW) if unreadable else None
    return named.but(confidence=Confidence.LOW) if named.detector == "environment-file" else named


# Files that hold one credential and nothing else, so that only their names tell.
_ONE_LINE = frozenset(("ansible-vault-password", "password-file", "rails-key", "vault-token-file"))


def _one_line(named: NamedSecret, data: bytes) -> NamedSecret | None:
    """A password by itself; a script that asks for it (as Ansible allows) and a placeholder are none."""
    text = data[:1000].decode("utf-8", "replace").strip()
    first = text.partition("\n")[0].strip()
    found = None if text.startswith("#!") else assess(first)
    if named.detector == "rails-key" and re.fullmatch(r"(?:[0-9a-f]{32}){1,4}", text):
        return named
    weak = (
        found is Confidence.LOW or named.detector == "rails-key" or first.lower() in ("secret", "password", "changeit")
    )
    return None if found is None else named.but(confidence=Confidence.LOW) if weak else named


def _is_public_store(data: bytes) -> bool:
    if not looks_stored(data):
        return False
    from dfguard.secrets.key_files.find import is_public

    return is_public(data)
