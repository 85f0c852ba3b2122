"""Databases of distributions that are text: dpkg's, apk's, and the file that names the distribution."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.image.packages.found import APK, DEB, Package
from dfguard.regex import regex

_GONE = ("config-files", "not-installed")  # dpkg(1): only settings are left, or nothing
_TERMS = regex(rb"^License:[ \t]*([^\s\n][^\n]{0,120})$", re.MULTILINE)
_COMMON = regex(rb"/usr/share/common-licenses/([A-Za-z][A-Za-z0-9.+-]*[A-Za-z0-9])")
_MOST_TERMS = 20


def dpkg(data: bytes) -> tuple[Package, ...]:
    """The installed packages of `/var/lib/dpkg/status`, or of a file of distroless' `status.d` (deb-control(5))."""
    return tuple(_debs(data))


def _debs(data: bytes) -> Iterator[Package]:
    for paragraph in re.split(r"\n[ \t]*\n", _text(data)):
        fields: dict[str, str] = {}
        for line in paragraph.splitlines():
            name, colon, value = line.partition(":")
            if colon and not line.startswith((" ", "\t")):
                fields.setdefault(name.lower(), value.strip())
        state = fields.get("status", "").split()
        if fields.get("package") and not (state and state[-1] in _GONE):
            yield Package(
                DEB, fields["package"], fields.get("version", ""), fields.get("architecture", ""),
                source=fields.get("source", ""),
            )  # fmt: skip


def apk(data: bytes) -> tuple[Package, ...]:
    """The packages of apk's `installed`: a letter and a colon in front of each value (apk-installed, Alpine's wiki)."""
    found = []
    for paragraph in _text(data).split("\n\n"):
        fields: dict[str, str] = {}
        for line in paragraph.splitlines():
            if line[1:2] == ":":
                fields.setdefault(line[0], line[2:].strip())
        if fields.get("P"):
            terms = (fields["L"],) if fields.get("L") else ()
            found.append(
                Package(APK, fields["P"], fields.get("V", ""), fields.get("A", ""), terms, fields.get("o", ""))
            )
    return tuple(found)


def os_release(data: bytes) -> tuple[str, str]:
    """ID and VERSION_ID of os-release(5), "" for what it does not tell."""
    fields: dict[str, str] = {}
    for line in _text(data).splitlines():
        name, equals, value = line.partition("=")
        if equals:
            fields[name.strip()] = value.strip().strip("\"'")
    return fields.get("ID", ""), fields.get("VERSION_ID", "")


def terms(data: bytes) -> tuple[str, ...]:
    """The licenses that the copyright file of a deb names: in its fields, or as common licenses it refers to."""
    pattern = _TERMS if data[:400].lstrip().lower().startswith(b"format") else _COMMON
    names = dict.fromkeys(_text(each).strip() for each in pattern.findall(data))
    return tuple(names)[:_MOST_TERMS]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
