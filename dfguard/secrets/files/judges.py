"""What a value of a file of credentials must be to count; see `table` for which one is asked where.

The structure says that a credential stands here, so that only what can be none is refused: references,
placeholders, what is encrypted. A usual default ("postgres") is LOW.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from dfguard.finding import Confidence
from dfguard.regex import regex
from dfguard.secrets.files.entry import Entry
from dfguard.secrets.token_checks import decoded
from dfguard.secrets.values import assess, credential_name, looks_drawn

_USUAL = frozenset(
    b"""admin changeit example foobar guest minioadmin mysql pass passw0rd password postgres redis root secret
    sonarqube test tomcat user vagrant""".split()
)
# Spring's, Ansible's, KMS' and eyaml's marks.
_ENCRYPTED = ("{cipher}", "!vault", "vault:", "enc:", "AQICAH", "`")
_COMPUTED = regex(r"""^(?:var|local|data|module|each|path)\.[\w.\[\]"*-]+$|ENC\[|%\(\w+\)s|%env\(|\$\(""")
_UNIX_LOCKED = regex(r"[!*x]?")
# Keys of a Secret that are public or tell no secret: names, places, certificates.
_PUBLIC_KEYS = regex(
    r"(?i:.*(?:user(?:name)?|host(?:name)?|port|database|db_?name|namespace|url|endpoint|region|bucket|name|ca\.crt|"
    r"tls\.crt|\.pub|\.crt|certificate|public.?key|access.?key.?id|client.?id|known_hosts|release|type))"
)
_URL_SECRET = regex(r"[a-z+]{2,12}://(?P<user>[^:@/\s]{0,400})(?::(?P<password>[^@/\s]{1,400}))?@")
_SHORTEST_TOKEN = 20  # of one that stands in place of a user
_HARMLESS_PASSWORDS = ("x-oauth-basic", "x-token-auth", "git", "oauth2", "password", "pass", "token", "secret")

Others = Mapping[tuple[int, tuple[str, ...]], str]  # values of the file by document and path
Judge = Callable[[str, Entry, Others], "Confidence | None"]


def secret(text: str, entry: Entry, others: Others) -> Confidence | None:
    """Any text that is no reference, placeholder or encrypted value; a usual default is LOW."""
    if text.startswith(_ENCRYPTED) or _COMPUTED.search(text):
        return None
    found = assess(text)
    if found is None or text.lower().encode("utf-8", "replace") in _USUAL or len(text) < 4:
        return None if found is None else Confidence.LOW
    return Confidence.HIGH if found is Confidence.MEDIUM and len(text) >= 8 else Confidence.MEDIUM


def aws(text: str, entry: Entry, others: Others) -> Confidence | None:
    """A secret of Amazon's: 40 characters of base64, a session token more."""
    if not re.fullmatch(r"[A-Za-z0-9/+]{40}|[A-Za-z0-9/+=]{100,4000}", text) or not looks_drawn(text):
        return None
    return secret(text, entry, others)


def pypi(text: str, entry: Entry, others: Others) -> Confidence | None:
    """The password of an index: the section is PyPI's, or has the address of a repository."""
    repository = others.get((entry.document, (entry.path[0], "repository")), "")
    known = entry.path[0] in ("pypi", "testpypi") or repository.startswith(("http://", "https://"))
    return secret(text, entry, others) if known else None


def login(text: str, entry: Entry, others: Others) -> Confidence | None:
    """base64 of `user:password`."""
    user, colon, password = decoded(text.encode()).decode("latin-1").partition(":")
    if not (colon and user and user.isprintable() and password.isprintable()):
        return None
    return secret(password, entry, others)


def pair(text: str, entry: Entry, others: Others) -> Confidence | None:
    """`user:password`, plain or in base64."""
    _, colon, password = text.partition(":")
    return secret(password, entry, others) if colon else login(text, entry, others)


def encoded_password(text: str, entry: Entry, others: Others) -> Confidence | None:
    """base64 of a password; what is none is taken as it stands."""
    opened = decoded(text.encode())
    plain = opened.decode("latin-1")
    return secret(plain if opened and plain.isprintable() else text, entry, others)


def bundler(text: str, entry: Entry, others: Others) -> Confidence | None:
    """The credential of a gem server, by the name of the setting."""
    if not credential_name(entry.path[-1]) or "://" in text or secret(text, entry, others) is None:
        return None
    return secret(text.partition(":")[2] or text, entry, others)


def address(text: str, entry: Entry, others: Others) -> Confidence | None:
    """A URL with a password or token in front of the host."""
    match = _URL_SECRET.search(text)
    if match is None:
        return None
    word = match["password"] or ""
    if not word or word.lower() in _HARMLESS_PASSWORDS:
        word = match["user"] if len(match["user"]) >= _SHORTEST_TOKEN else ""
    return None if not word or "example." in text else secret(word, entry, others)


def header(text: str, entry: Entry, others: Others) -> Confidence | None:
    """`AUTHORIZATION: basic ...` with a login."""
    match = re.search(r"(?i)authorization: (?:basic|bearer) (\S+)", text)
    return None if match is None else secret(match[1], entry, others)


def key(text: str, entry: Entry, others: Others) -> Confidence | None:
    """A private key in PEM with its body."""
    body = re.search(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:\\[rn]|\s)*([A-Za-z0-9+/=]{32,})", text)
    return Confidence.HIGH if body and len(set(body[1])) > 12 and "..." not in text else None


def encoded_key(text: str, entry: Entry, others: Others) -> Confidence | None:
    """base64 of a private key in PEM."""
    return key(decoded(text.encode()).decode("latin-1"), entry, others)


def key_of_32_bytes(text: str, entry: Entry, others: Others) -> Confidence | None:
    """base64 of 32 bytes that were drawn."""
    opened = decoded(text.rstrip("=").encode())
    return Confidence.HIGH if len(opened) == 32 and len(set(opened)) > 16 else None


def obscured(text: str, entry: Entry, others: Others) -> Confidence | None:
    """What `rclone obscure` makes of a password: 16 bytes and the password in base64; the key is public."""
    if re.fullmatch(r"[A-Za-z0-9_+/=-]{22,}", text) and len(set(decoded(text.encode()))) > 10:
        return Confidence.HIGH
    return secret(text, entry, others)


def rclone(text: str, entry: Entry, others: Others) -> Confidence | None:
    """A credential of a remote: its section has a type, and is no block of HCL."""
    typed = (entry.document, (entry.path[0], "type")) in others and '"' not in entry.path[0]
    return secret(text, entry, others) if typed else None


def maven(text: str, entry: Entry, others: Others) -> Confidence | None:
    """A password that is not encrypted: `{...}` needs the master password."""
    return None if re.fullmatch(r"(?s).*\{[A-Za-z0-9+/=]{16,}\}.*", text) else secret(text, entry, others)


def jenkins(text: str, entry: Entry, others: Others) -> Confidence | None:
    """A credential that Jenkins will encrypt once it has read it; what it has encrypted is `{...}` or whole blocks."""
    if re.fullmatch(r"\{[A-Za-z0-9+/=\s]{16,}\}", text):
        return None
    opened = decoded(re.sub(r"\s", "", text).encode())
    if opened and len(opened) % 16 == 0 and not opened.isascii():
        return None
    return key(text, entry, others) if "-----BEGIN" in text else secret(text, entry, others)


def maven_master(text: str, entry: Entry, others: Others) -> Confidence | None:
    """The master password; it is encrypted with a key that all know."""
    return (
        Confidence.HIGH
        if re.search(r"\{[A-Za-z0-9+/=]{24,}\}", text)
        else secret(re.sub(r"^\{([^{}]*)\}$", r"\1", text), entry, others)
    )


def password_hash(text: str, entry: Entry, others: Others) -> Confidence | None:
    """A hash that can be tried at leisure."""
    return None if _UNIX_LOCKED.fullmatch(text) or text.startswith(("!", "*")) else Confidence.MEDIUM


def kubernetes_text(text: str, entry: Entry, others: Others) -> Confidence | None:
    """A value of a manifest that is a Secret, but for names, places and certificates."""
    around = entry.path[:-2]
    if others.get((entry.document, (*around, "kind"))) != "Secret" or _PUBLIC_KEYS.fullmatch(entry.path[-1]):
        return None
    if (entry.document, ("spec", "encryptedData")) in others or "-----BEGIN CERTIFICATE" in text:
        return None
    if credential_name(entry.path[-1]) or "-----BEGIN" in text:
        return secret(text, entry, others)
    return Confidence.MEDIUM if looks_drawn(text) else None


def kubernetes_data(text: str, entry: Entry, others: Others) -> Confidence | None:
    """The same in base64; binary data that no name calls a credential is passed over."""
    opened = decoded(re.sub(r"\s", "", text).encode())
    plain = opened.decode("utf-8", "replace").strip()
    return kubernetes_text(plain, entry, others) if plain and "\ufffd" not in plain else None


def sensitive_output(text: str, entry: Entry, others: Others) -> Confidence | None:
    """The value of an output that is marked as sensitive, or named like a credential."""
    at = entry.path.index("value")
    marked = others.get((entry.document, (*entry.path[:at], "sensitive"))) == "true"
    return secret(text, entry, others) if marked or credential_name(entry.path[at - 1]) else None


def attribute(text: str, entry: Entry, others: Others) -> Confidence | None:
    """An attribute of a resource that is named like a credential."""
    return secret(text, entry, others) if credential_name(entry.path[-1]) else None


JUDGES: Mapping[str, Judge] = {
    judge.__name__: judge
    for judge in (
        secret, aws, pypi, login, pair, encoded_password, bundler, address, header, key, encoded_key, key_of_32_bytes,
        obscured, rclone, maven, jenkins, maven_master, kubernetes_text, kubernetes_data, sensitive_output, attribute,
    )
} | {"hash": password_hash}  # fmt: skip
