"""`RUN --mount=type=cache,target=/x`: a line of comma separated values.

https://docs.docker.com/reference/dockerfile/#run---mount
"""

from __future__ import annotations

from dfguard.dockerfile.nodes import Flag, Mount

TYPES = ("bind", "cache", "tmpfs", "secret", "ssh")
SHARING = ("shared", "private", "locked")
OPTIONS = (
    *("type", "from", "source", "src", "target", "dst", "destination", "readonly", "ro", "readwrite", "rw"),
    *("id", "sharing", "required", "size", "mode", "uid", "gid", "env"),
)
FLAGS_WITHOUT_VALUE = ("readonly", "ro", "readwrite", "rw", "required")


class BadFields(ValueError):
    """The text is no line of comma separated values."""


def read_mount(flag: Flag) -> Mount:
    """The mount that a `--mount` flag asks for; of a value that can't be read, no options."""
    try:
        pairs = [_pair(field) for field in fields(flag.value or "")]
    except BadFields:
        pairs = []
    kind = next((value.lower() for key, value in reversed(pairs) if key == "type"), "bind")
    return Mount(flag, kind, tuple(pairs))


def _pair(field: str) -> tuple[str, str]:
    key, equals, value = field.partition("=")
    return key.lower(), value if equals else "true"


def fields(text: str) -> list[str]:
    """Cut one line of comma separated values, quotes as in RFC 4180. Raises BadFields."""
    if not text:
        raise BadFields("it is empty")
    if '"' not in text:
        return text.split(",")
    found: list[str] = []
    at = 0
    while True:
        if not text.startswith('"', at):
            comma = text.find(",", at)
            field = text[at:] if comma < 0 else text[at:comma]
            if '"' in field:
                raise BadFields('a " stands inside of a field')
            at = len(text) if comma < 0 else comma
        else:
            field, at = _quoted(text, at + 1)
        found.append(field)
        if at >= len(text):
            return found
        at += 1


def _quoted(text: str, at: int) -> tuple[str, int]:
    parts: list[str] = []
    while True:
        quote = text.find('"', at)
        if quote < 0:
            raise BadFields('a " is never closed')
        parts.append(text[at:quote])
        at = quote + 1
        if text.startswith('"', at):
            parts.append('"')
            at += 1
        elif at == len(text) or text[at] == ",":
            return "".join(parts), at
        else:
            raise BadFields('a " stands inside of a field')
