"""First bytes of key files and stores: one look at every file that is read."""

from __future__ import annotations

JKS, JCEKS = b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce"
# Bouncy Castle's: version 1 or 2, then a salt of 20 bytes. https://github.com/bcgit/bc-java, BcKeyStoreSpi
BKS = (b"\0\0\0\x01\0\0\0\x14", b"\0\0\0\x02\0\0\0\x14")
# https://keepass.info/help/kb/kdbx.html; the first version, too
KEEPASS = (b"\x03\xd9\xa2\x9ag\xfbK\xb5", b"\x03\xd9\xa2\x9ae\xfbK\xb5", b"\x03\xd9\xa2\x9af\xfbK\xb5")
# https://github.com/gpg/gnupg/blob/master/agent/keyformat.txt
GNUPG_KEY = (b"(11:private-key(", b"(21:protected-private-key(", b"Key: (private-key", b"Key: (protected-private-key")
GNUPG_CREATED = b"Created: "
SSH1 = b"SSH PRIVATE KEY FILE FORMAT 1.1\n\0"
# Packets with a secret key: old and new headers. https://www.rfc-editor.org/rfc/rfc9580#section-4.2
_PACKETS = (b"\x94", b"\x95", b"\x96", b"\xc5")
_DER = b"\x30"
_ALL = (JKS, JCEKS, *BKS, *KEEPASS, *GNUPG_KEY, GNUPG_CREATED, SSH1, *_PACKETS, _DER + b"\x82", _DER + b"\x81", _DER)
_FIRST = frozenset(mark[:1] for mark in _ALL)


def looks_stored(data: bytes) -> bool:
    """Whether data may be a key file, by how it starts."""
    return data[:1] in _FIRST and data.startswith(_ALL)
