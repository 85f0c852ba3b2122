"""Which private keys a binary file holds, by its structure."""

from __future__ import annotations

from dfguard.finding import Confidence
from dfguard.secrets.detectors import SecretHit
from dfguard.secrets.key_files import marks
from dfguard.secrets.key_files.der import PUBLIC, der_secret
from dfguard.secrets.key_files.gnupg import agent_secret, packet_secret
from dfguard.secrets.key_files.java import bks_holds_key, holds_key

KEY_FILE, KEY_STORE, PASSWORDS = "private-key-file", "key-store", "password-database"
# What a file of such a kind is called.
KINDS = {KEY_FILE: "private key", KEY_STORE: "key store with a private key", PASSWORDS: "KeePass database"}

Judged = tuple[str, str, Confidence]  # kind of file, what is in it, how sure


def key_file_hits(data: bytes) -> list[SecretHit]:
    """The key that a file is or stores, as one hit over all of it; nothing for public ones."""
    judged = _judged(data)
    if judged is None:
        return []
    detector, title, confidence = judged
    return [SecretHit(detector, title, 0, len(data), confidence, file=detector)]


def is_public(data: bytes) -> bool:
    """Whether a file is a key store without any key: certificates that somebody trusts."""
    if data.startswith((marks.JKS, marks.JCEKS)):
        return holds_key(data) is False
    if data.startswith(marks.BKS):
        return bks_holds_key(data) is False
    return data.startswith(b"\x30") and (der_secret(data) == PUBLIC or _is_certificate(data))


def _judged(data: bytes) -> Judged | None:
    if data.startswith(b"\x30"):
        found = der_secret(data)
        if found is None or isinstance(found, str):
            return None
        return (KEY_STORE if "store" in found[0] else KEY_FILE), *found
    if data.startswith((marks.JKS, marks.JCEKS)):
        return (KEY_STORE, "Java key store with a private key", Confidence.MEDIUM) if holds_key(data) else None
    if data.startswith(marks.BKS):
        return (KEY_STORE, "Bouncy Castle key store with a key", Confidence.MEDIUM) if bks_holds_key(data) else None
    if data.startswith(marks.KEEPASS):
        return PASSWORDS, "KeePass database", Confidence.MEDIUM
    if data.startswith(marks.SSH1):
        return KEY_FILE, "private key of SSH 1", Confidence.HIGH
    if data.startswith((*marks.GNUPG_KEY, marks.GNUPG_CREATED)):
        confidence = agent_secret(data)
        return (KEY_FILE, "private key of GnuPG", confidence) if confidence else None
    confidence = packet_secret(data) if data else None
    return (KEY_FILE, "secret key of OpenPGP", confidence) if confidence else None


def _is_certificate(data: bytes) -> bool:
    """Whether DER starts as certificates, requests and public keys do: a sequence with a sequence first."""
    from dfguard.secrets.key_files.der import SEQUENCE, element, elements

    whole = element(data, 0, len(data))
    parts = elements(data, whole, 2) if whole is not None else []
    return bool(parts) and parts[0].tag == SEQUENCE and len(data) > 24
