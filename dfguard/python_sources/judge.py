"""Is a value that a holder gets a credential, and how sure is that?"""

from __future__ import annotations

import re

from dfguard.finding import Confidence
from dfguard.python_sources.holders import ASSIGNED, COMPARED, DEFAULT, FALLBACK, Holder
from dfguard.python_sources.strength import TEST_WORDS, Strength, is_uuid, strength
from dfguard.regex import regex
from dfguard.secrets.names import with_article
from dfguard.secrets.values import assess, credential_name, declared_fake
from dfguard.struct import Struct

CREDENTIAL, SIGNING_KEY = "credential", "signing-key"
_HIGH, _MEDIUM, _LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}\Z")
_PASSWORD = regex(r"(?i)pass(?:word|wd|phrase|code)?(?![a-z])|pwd|psw|pword")
# https://docs.djangoproject.com/en/stable/ref/settings/#secret-key
# https://flask.palletsprojects.com/en/stable/config/#SECRET_KEY
_SIGNING = regex(
    r"(?i)(?:[a-z]+_)*?(?:django_|flask_|app_|jwt_|session_|cookie_|csrf_|wtf_csrf_|signing_|token_|auth_)?"
    r"(?:secret_?key(?:_fallbacks)?|jwt_secret|session_secret|cookie_secret|signing_key|app_secret)\Z"
)
_DIGEST = regex(r"(?:[0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{128})\Z")  # of a password
# https://learn.microsoft.com/azure/storage/common/storage-use-azurite: the key of the emulator, for everybody
_DOCUMENTED = ("Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq",)
_IDENTIFIER = regex(r"(?:[a-z][a-z0-9]*(?:_[a-z0-9]+)+|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\Z")
_SIGNER = regex(r"(?i)session|serializer|signer|jwt|hmac|csrf|flask|quart|django")
_NOT_SIGNING = regex(r"(?i)aws|s3|minio|access|stripe|oss|spaces|cos|recaptcha|captcha|client|api")
_WORD = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_HEADER = regex(
    r"(?i)(?:proxy-)?authorization\Z|x-(?:[a-z]+-){0,2}(?:api-?key|token|secret)\Z|private-token\Z|api-?key\Z"
)
_SCHEME = regex(r"(?i)(bearer|basic|token|bot|apikey|api-key|oauth|key|bot)[ \t]+([^\s]+)\Z")
# Words of a name that make another thing of it: a message about it, an example of it, its date, a page of a list.
_HARMLESS = frozenset(
    """
    changed continuation cursor demo description desc documentation dummy error example examples expired fake header
    help hint label last message messages mock msg next note page pagination prev previous reason rotation sample
    pattern re regex regexp samples sync template test testing tests text title used validator verified
    """.split()
)


class Judged(Struct):
    """`what` with an article, `kind` and how sure; the credential starts `skip` characters into the value."""

    what: str
    kind: str
    confidence: Confidence
    skip: int = 0


def judge(holder: Holder, value: str) -> Judged | None:
    """What a value is by the name of its holder, None for no credential."""
    name = holder.name
    if not _NAME.match(name):
        return None
    if _HEADER.match(name):
        return _header(value, holder)
    if not _is_credential(name) or speaks_of_examples(holder):
        return None
    if (
        "\0" in value
        or value.startswith(_DOCUMENTED)
        or assess(value) is None
        or (_IDENTIFIER.match(value) and _is_credential(value))
    ):
        return None
    found = strength(value)
    if _is_signing(holder):
        confidence = _LOW if _echoes(name, value) else _of_signing_key(found, holder, value)
        return Judged("a signing key", SIGNING_KEY, confidence) if confidence else None
    if _echoes(name, value):
        return None
    password = _PASSWORD.search(name) is not None
    confidence = _of_password(found, value) if password else _of_token(found, value)
    confidence = _by_shape(confidence, holder, found)
    return Judged(with_article("password" if password else _noun(name)), CREDENTIAL, confidence) if confidence else None


def _is_credential(name: str) -> bool:
    """As for all names, and the plural of a list of keys; Fernet is a cipher."""
    return (
        credential_name(name)
        or (name.lower().endswith("keys") and credential_name(name[:-1]))
        or name.lower().endswith("fernet_key")
    )


def speaks_of_examples(holder: Holder) -> bool:
    """Whether the names of a holder say that it is no live value: an example, a help text, a test."""
    return any(word.lower() in _HARMLESS for name in holder.path[-4:] for word in _WORD.findall(name[:200]))


def _is_signing(holder: Holder) -> bool:
    """Whether it is the key of Django, Flask and the like, not one of a storage that is called the same."""
    name = holder.name
    if not _SIGNING.match(name) or _NOT_SIGNING.search(name):
        return False
    if name != "secret_key" or _SIGNER.search(holder.callee):
        return True
    return holder.shape == ASSIGNED and len(holder.path) > 1 and holder.path[0] not in ("self", "cls")


def _noun(name: str) -> str:
    lowered = name.lower()
    for part, noun in (("token", "token"), ("secret", "secret"), ("api", "API key"), ("key", "key")):
        if part in lowered:
            return noun
    return "credential"


def _echoes(name: str, value: str) -> bool:
    """The value says the name again: PASSWORD_FIELD = "password", client_secret = "CLIENT_SECRET"."""
    plain, said = (re.sub(r"[^a-z0-9]", "", text.lower()) for text in (name, value))
    return not said or said in plain or (len(plain) > 5 and plain in said and len(said) < len(plain) + 12)


def _of_password(found: Strength, value: str) -> Confidence | None:
    if found is Strength.GENERATED:
        return _LOW if _DIGEST.match(value) else _HIGH
    if found is Strength.CHOSEN:
        return _LOW if TEST_WORDS.search(value) else _MEDIUM
    return _LOW if found is Strength.WEAK else None


def _of_token(found: Strength, value: str) -> Confidence | None:
    if found is Strength.GENERATED:
        return _MEDIUM if is_uuid(value) else _HIGH
    mixed = re.search(r"(?=[A-Za-z0-9]{0,60}[0-9])(?=[0-9]{0,60}[A-Za-z])[A-Za-z0-9]{8}", value)
    return _LOW if found is Strength.CHOSEN and mixed and not TEST_WORDS.search(value) else None


def _of_signing_key(found: Strength, holder: Holder, value: str) -> Confidence | None:
    """Whoever knows the key forges sessions, so a weak one is as bad, where it surely is the key."""
    if found is Strength.GENERATED or re.fullmatch(r"(?=.*[0-9])[\x21-\x7e]{32,}", value):
        return _MEDIUM if holder.shape == FALLBACK else _HIGH
    if holder.shape in (FALLBACK, COMPARED) or TEST_WORDS.search(value):
        return _LOW if found is Strength.CHOSEN else None
    if found is Strength.CHOSEN:
        return _MEDIUM
    surely = len(holder.path) > 1 and holder.path[-1] in ("secret_key", "SECRET_KEY") and holder.shape == ASSIGNED
    return _MEDIUM if surely and len(value) > 3 and holder.path[0] not in ("self", "cls") else _LOW


def _by_shape(confidence: Confidence | None, holder: Holder, found: Strength) -> Confidence | None:
    if confidence is None:
        return None
    if holder.shape == FALLBACK:
        return _MEDIUM if found is Strength.GENERATED else _LOW if found is Strength.CHOSEN else None
    if holder.shape == COMPARED:
        return _MEDIUM if found is Strength.GENERATED else _LOW if found is Strength.CHOSEN else None
    if holder.shape == DEFAULT and found is Strength.WEAK:
        return None
    return confidence


def _header(value: str, holder: Holder) -> Judged | None:
    """`Authorization: Bearer ...`, `X-Api-Key: ...`."""
    scheme = _SCHEME.match(value)
    text = scheme[2] if scheme else value
    skip = scheme.start(2) if scheme else 0
    if "\0" in text or declared_fake(text) or assess(text) is None:
        return None
    found = strength(text)
    basic = scheme is not None and scheme[1].lower() == "basic" and _is_login(text)
    if found is Strength.GENERATED or basic:
        return Judged("a credential in a header", CREDENTIAL, _HIGH if holder.shape != FALLBACK else _MEDIUM, skip)
    return Judged("a credential in a header", CREDENTIAL, _LOW, skip) if scheme and found is Strength.CHOSEN else None


def _is_login(text: str) -> bool:
    """base64 of `user:password`."""
    from binascii import Error, a2b_base64

    try:
        user, colon, password = a2b_base64(text.encode("ascii", "replace")).decode("latin-1").partition(":")
    except (Error, ValueError):
        return False
    return bool(colon and user.isprintable() and len(password) > 3 and assess(password) is not None)
