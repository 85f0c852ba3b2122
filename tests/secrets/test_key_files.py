"""Private keys in binary formats, and stores of them, made by the real programs where they are there."""

from __future__ import annotations

import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from secret_fakes import draw, openssh

from dfguard.finding import Confidence
from dfguard.secrets.contents import scan
from dfguard.secrets.names import FILE, MISNAMED
from dfguard.secrets.weigh import weigh

OPENSSL = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
GPG = pytest.mark.skipif(shutil.which("gpg") is None, reason="needs gpg")
KEYS = {
    "RSA": ("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"),
    "EC": ("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "Ed25519": ("genpkey", "-algorithm", "ED25519"),
}


def openssl(folder: Path, *arguments: str) -> bytes:
    """What openssl writes to the file `out` of the folder."""
    subprocess.run(("openssl", *arguments, "-out", "out"), cwd=folder, check=True, capture_output=True)
    return (folder / "out").read_bytes()


def keep(folder: Path, name: str, data: bytes) -> None:
    (folder / name).write_bytes(data)


def text(value: str) -> bytes:
    """A text as Java writes it."""
    return struct.pack(">H", len(value)) + value.encode()


def certificate(kind: str = "X.509") -> bytes:
    return text(kind) + struct.pack(">I", 40) + draw(40).encode()


def java_store(mark: bytes, entries: list[bytes]) -> bytes:
    return mark + struct.pack(">II", 2, len(entries)) + b"".join(entries) + draw(20).encode()


TRUSTED = struct.pack(">I", 2) + text("ca") + bytes(8) + certificate()
PRIVATE = (
    struct.pack(">I", 1) + text("mykey") + bytes(8) + struct.pack(">I", 60) + draw(60).encode() + struct.pack(">I", 1)
) + certificate()
BKS = b"\0\0\0\x02\0\0\0\x14" + draw(20).encode() + struct.pack(">I", 1500)
BKS_TRUSTED = b"\1" + text("ca") + bytes(8) + bytes(4) + certificate()
BKS_SEALED = b"\4" + text("key") + bytes(8) + bytes(4) + struct.pack(">I", 30) + draw(30).encode()


@OPENSSL
@pytest.mark.parametrize("kind", KEYS)
def test_keys_in_der_are_known_under_any_name(kind: str, tmp_path: Path) -> None:
    keep(tmp_path, "key", openssl(tmp_path, *KEYS[kind]))
    data = openssl(tmp_path, "pkcs8", "-topk8", "-nocrypt", "-in", "key", "-outform", "DER")
    secret = weigh("conf/blob", data)
    assert secret is not None
    assert (secret.kind, secret.confidence, secret.sort) == ("private key", Confidence.HIGH, FILE)
    misnamed = weigh("tls/server.crt", data)
    assert misnamed is not None
    assert misnamed.sort == MISNAMED


@OPENSSL
@pytest.mark.parametrize(("program", "kind"), [("rsa", "RSA"), ("ec", "EC")])
def test_keys_of_the_old_forms_in_der(program: str, kind: str, tmp_path: Path) -> None:
    keep(tmp_path, "key", openssl(tmp_path, *KEYS[kind]))
    more = ("-traditional",) if program == "rsa" else ()
    secret = weigh("blob", openssl(tmp_path, program, "-in", "key", "-outform", "DER", *more))
    assert secret is not None
    assert secret.confidence is Confidence.HIGH


@OPENSSL
@pytest.mark.parametrize("kind", KEYS)
def test_an_encrypted_key_in_der_is_low(kind: str, tmp_path: Path) -> None:
    keep(tmp_path, "key", openssl(tmp_path, *KEYS[kind]))
    encrypt = ("pkcs8", "-topk8", "-passout", "pass:x", "-in", "key", "-outform", "DER")
    secret = weigh("blob", openssl(tmp_path, *encrypt))
    assert secret is not None
    assert secret.confidence is Confidence.LOW


@OPENSSL
@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("name", ["blob", "server.der", "server.pem", "server.key"])
def test_public_keys_and_certificates_in_der_are_quiet(kind: str, name: str, tmp_path: Path) -> None:
    keep(tmp_path, "key", openssl(tmp_path, *KEYS[kind]))
    certified = openssl(tmp_path, "req", "-x509", "-key", "key", "-subj", "/CN=a.test", "-outform", "DER")
    request = openssl(tmp_path, "req", "-new", "-key", "key", "-subj", "/CN=a.test", "-outform", "DER")
    public = openssl(tmp_path, "pkey", "-in", "key", "-pubout", "-outform", "DER")
    assert [weigh(name, data) for data in (certified, request, public)] == [None, None, None]


@OPENSSL
def test_pkcs12_with_a_key_is_one_and_a_trust_store_is_none(tmp_path: Path) -> None:
    keep(tmp_path, "key", openssl(tmp_path, *KEYS["RSA"]))
    keep(tmp_path, "crt", openssl(tmp_path, "req", "-x509", "-key", "key", "-subj", "/CN=a.test"))
    both = openssl(tmp_path, "pkcs12", "-export", "-inkey", "key", "-in", "crt", "-passout", "pass:x")
    opened = openssl(
        tmp_path, "pkcs12", "-export", "-inkey", "key", "-in", "crt", "-passout", "pass:x", "-keypbe", "NONE"
    )
    trust = openssl(tmp_path, "pkcs12", "-export", "-nokeys", "-in", "crt", "-passout", "pass:x")
    found = [weigh("blob", data) for data in (both, opened)]
    assert [secret and secret.confidence.value for secret in found] == ["medium", "high"]
    assert [weigh(name, trust) for name in ("blob", "store.p12", "store.pfx")] == [None, None, None]


@pytest.mark.parametrize(
    "data",
    [
        java_store(b"\xfe\xed\xfe\xed", [PRIVATE]),
        java_store(b"\xfe\xed\xfe\xed", [TRUSTED, TRUSTED, PRIVATE]),
        java_store(b"\xce\xce\xce\xce", [TRUSTED, struct.pack(">I", 3) + text("k") + bytes(40)]),
        BKS + BKS_SEALED + b"\0",
        BKS + BKS_TRUSTED + BKS_SEALED + b"\0",
        b"\0\0\0\x01" + BKS[4:] + BKS_SEALED + b"\0",
        b"\x03\xd9\xa2\x9ag\xfbK\xb5" + bytes(100),
        b"\x03\xd9\xa2\x9ae\xfbK\xb5" + bytes(100),
        b"\x03\xd9\xa2\x9af\xfbK\xb5" + bytes(100),
    ],
)
def test_key_stores_are_known_under_any_name(data: bytes) -> None:
    for name, confidence in (("blob", "medium"), ("app.jks", "high"), ("tests/blob", "low")):
        secret = weigh(name, data)
        assert secret is not None
        assert (secret.confidence.value, secret.sort) == (confidence, FILE)


@pytest.mark.parametrize(
    "data",
    [
        java_store(b"\xfe\xed\xfe\xed", [TRUSTED, TRUSTED]),
        java_store(b"\xfe\xed\xfe\xed", []),
        java_store(b"\xce\xce\xce\xce", [TRUSTED]),
        BKS + BKS_TRUSTED + b"\0",
        BKS + b"\0",
        BKS + BKS_TRUSTED * 3 + b"\0",
    ],
)
@pytest.mark.parametrize("name", ["blob", "cacerts", "store.jks", "trust.keystore", "android.bks"])
def test_trust_stores_are_quiet(data: bytes, name: str) -> None:
    assert weigh(name, data) is None


@GPG
@pytest.mark.parametrize("algorithm", ["rsa2048", "ed25519", "nistp256"])
@pytest.mark.parametrize(("phrase", "confidence"), [("", "high"), ("tiger", "medium")])
def test_secret_keys_of_gnupg(algorithm: str, phrase: str, confidence: str, tmp_path: Path) -> None:
    home = tmp_path / "g"
    home.mkdir(mode=0o700)
    base = ("gpg", "--homedir", str(home), "--batch", "--pinentry-mode", "loopback", "--passphrase", phrase)
    made = subprocess.run((*base, "--quick-gen-key", "a@b.test", algorithm, "sign", "never"), capture_output=True)
    if made.returncode:
        pytest.skip("gpg makes no key here: " + made.stderr.decode().strip().splitlines()[-1])
    exported = subprocess.run((*base, "--export-secret-keys"), capture_output=True, check=True).stdout
    public = subprocess.run((*base, "--export"), capture_output=True, check=True).stdout
    own = next((home / "private-keys-v1.d").iterdir()).read_bytes()
    subprocess.run(("gpgconf", "--homedir", str(home), "--kill", "all"), capture_output=True, check=False)
    secret = weigh("backup/blob", exported)
    assert secret is not None
    assert (secret.kind, secret.confidence.value) == ("private key", confidence)
    assert weigh("backup/blob", public) is None
    kept = weigh("blob", own)
    assert kept is not None
    assert kept.confidence.value == ("low" if phrase else "high")


@pytest.mark.parametrize(
    "data",
    [
        (f"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\nPublic-Lines: 1\n{draw(64)}\n"
         f"Private-Lines: 1\n{draw(64)}\nPrivate-MAC: 00\n").encode(),
        openssh("none").encode(),
        b"SSH PRIVATE KEY FILE FORMAT 1.1\n\0\0" + bytes(300),
    ],
)  # fmt: skip
def test_keys_of_ssh(data: bytes) -> None:
    secret = weigh("blob", data)
    assert secret is not None
    assert secret.confidence is Confidence.HIGH


@pytest.mark.parametrize(
    "mark", [b"\x30\x82", b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce", BKS[:8], b"\x95", b"\xc5", b"\x94"]
)
def test_what_only_starts_like_a_key_file_is_quiet(mark: bytes) -> None:
    """Cut, random and empty ones, of each mark."""
    for size in (0, 1, 7, 20, 300, 5000):
        body = bytes(draw(size, alphabet="".join(map(chr, range(256))), seed=(mark, size)), "latin-1")
        assert [hit for hit in scan(mark + body, binary=True) if hit.file] == []
    assert [hit for hit in scan(mark + b"\xff" * 5000, binary=True) if hit.file] == []
