"""The environment variable that a credential would be read from, named after what holds it."""

from __future__ import annotations

from collections.abc import Container

from dfguard.regex import regex

_CAMEL = regex(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")
# Names that say too little by themselves; those that the system has taken get another one.
_GENERIC = frozenset(
    """
    API_KEY APIKEY AUTH CREDENTIAL CREDENTIALS KEY PASS PASSPHRASE PASSWD PASSWORD PASSWORDS PSW PWD SECRET TOKEN VALUE
    DEFAULT
    """.split()
)
_GENERIC_URLS = frozenset(
    "ADDRESS BROKER CONN CONNECTION CONNECTION_STRING DB DEFAULT DSN ENGINE HOST LOCATION NAME URI URL VALUE".split()
)
_SAID_BY_ALL = frozenset(
    """
    APP APPLICATION ARGS AUTH CLIENT CLS CONFIG CONNECT CONNECTION CREATE DATA DECODE DEFAULT DEFAULTS DICT ENCODE ENV
    ENVIRON FROM GET HEADERS JSON KWARGS LOGIN MAPPING NEW OPTIONS OS PARAMS PAYLOAD POST REQUESTS SELF SETTINGS UPDATE
    """.split()
)
_TAKEN = {"PWD": "PASSWORD", "PASS": "PASSWORD", "PASSWD": "PASSWORD", "PSW": "PASSWORD", "AUTH": "PASSWORD"}
_BY_SCHEME = {
    "amqp": "AMQP", "amqps": "AMQP", "http": "SERVICE", "https": "SERVICE", "mongodb": "MONGODB", "redis": "REDIS",
    "rediss": "REDIS", "smtp": "SMTP", "smtps": "SMTP",
}  # fmt: skip


def variable_for(path: tuple[str, ...], what: str, callee: str = "", scheme: str = "") -> str:
    """A name such as DB_PASSWORD: that of the holder, with what stands before it where it says too little.

    `what` is the credential ("a GitHub token") and `scheme` that of a URL, for those that nothing holds.
    """
    name = _upper(path[-1]) if path else ""
    if scheme and (not name or name in _GENERIC_URLS):
        return f"{_BY_SCHEME.get(scheme.partition('+')[0], 'DATABASE')}_URL"
    if not name:
        words = _upper(what.partition(" ")[2]).split("_")
        return "_".join(words[-2:]) if len(words) > 1 else f"API_{words[-1] or 'KEY'}"
    if name in _GENERIC:
        before = [_upper(part) for part in (*callee.split("."), *path[:-1])]
        telling = [part for part in before if part and part not in _SAID_BY_ALL and part not in name]
        name = _TAKEN.get(name, name)
        if telling:
            name = f"{_singular(telling[0] if callee else telling[-1])}_{name}"
    return name if name[:1].isalpha() else f"APP_{name}".rstrip("_")


def unused(name: str, taken: Container[str]) -> str:
    """`name`, with a number where it is taken."""
    if name not in taken:
        return name
    return next(f"{name}_{number}" for number in range(2, 100_000) if f"{name}_{number}" not in taken)


def _upper(name: str) -> str:
    return "_".join(part.upper() for part in _CAMEL.split(name[:80]) if part)


def _singular(word: str) -> str:
    return word[:-1] if word.endswith("S") and not word.endswith(("SS", "US", "IS", "WS", "AS", "OS")) else word
