"""Java archives: the properties that Maven puts into each jar, and those of the jars within (one level)."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator

from dfguard.image.packages.found import MAVEN, Package, Unreadable
from dfguard.regex import regex

_PROPERTIES = regex(r"META-INF/maven/[^/]+/[^/]+/pom\.properties")
_INNER = regex(r"(?:BOOT-INF/lib|WEB-INF/lib|lib)/[^/]+\.jar")
_MOST_PROPERTIES = 64 << 10
_MOST_INNER = 64 << 20  # bytes of a jar within another
_MOST_ALL = 512 << 20  # bytes of all of them


def jar(data: bytes) -> tuple[Package, ...]:
    """The packages of a jar, war or ear, each once; none for one that Maven did not make. Raises Unreadable."""
    return tuple(dict.fromkeys(_packages(data, inner=True)))


def _packages(data: bytes, *, inner: bool) -> Iterator[Package]:
    left = _MOST_ALL
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                if _PROPERTIES.fullmatch(member.filename):
                    yield from _package(_read(archive, member, _MOST_PROPERTIES))
                elif inner and _INNER.fullmatch(member.filename):
                    left -= member.file_size
                    if left < 0:
                        raise Unreadable(f"holds jars of more than {_MOST_ALL:,} bytes: the rest is not read")
                    yield from _packages(_read(archive, member, _MOST_INNER), inner=False)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("is a jar that can't be read") from None


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    with archive.open(member) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise Unreadable(f"holds {member.filename[:80]!r} of more than {most:,} bytes: not read")
    return data


def _package(data: bytes) -> Iterator[Package]:
    fields: dict[str, str] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            fields[name.strip()] = value.strip()
    group, name, version = (fields.get(key, "") for key in ("groupId", "artifactId", "version"))
    if group and name and version:
        yield Package(MAVEN, f"{group}/{name}", version)
