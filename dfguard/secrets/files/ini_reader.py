"""Sections with `key = value` lines: INI, Git's configuration, properties, what TOML and HCL share with them."""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.secrets.files.entry import Entry
from dfguard.secrets.files.yaml_reader import lines

SECTION = "\0"  # the key under which the name of a section is given itself; `[]` in the table


def ini_entries(data: bytes) -> Iterator[Entry]:
    """All values, behind their section ("" above the first) and key; a line that continues one has its key.

    The name of a section is a value, too, behind the key SECTION: Git keeps addresses there.
    """
    section, key = "", ""
    for at, line in lines(data):
        text = line.strip()
        first = at + len(line) - len(line.lstrip())
        if not text or text[:1] in b"#;!":
            continue
        if text[:1] == b"[" and b"]" in text:
            inner = text[1 : text.rindex(b"]")].strip(b"[]")
            section, key = inner.decode("utf-8", "replace"), ""
            yield Entry((section, SECTION), at + line.find(inner), at + line.find(inner) + len(inner))
        elif text.endswith(b"{") and b"=" not in text:
            section, key = text[:-1].strip().decode("utf-8", "replace"), ""
        else:
            sign = _sign(text)
            if sign < 0 or (key and line[:1].isspace() and text.find(b"://") in range(sign + 1)):
                if key and line[:1].isspace():
                    yield Entry((section, key), first, first + len(text))
                continue
            key = text[:sign].strip().strip(b"\"'").decode("utf-8", "replace")
            value = text[sign + 1 :].lstrip()
            start = first + len(text) - len(value)
            begin, end = _unquoted(value)
            if end > begin:
                yield Entry((section, key), start + begin, start + end)


def _sign(text: bytes) -> int:
    """Where the key ends: at `=`, else at a colon with a blank behind it."""
    at = text.find(b"=")
    return at if at >= 0 else text.find(b": ")


def _unquoted(value: bytes) -> tuple[int, int]:
    quote = value[:1]
    if quote in (b'"', b"'") and value.find(quote, 1) > 0:
        return 1, value.find(quote, 1)
    return 0, len(value)
