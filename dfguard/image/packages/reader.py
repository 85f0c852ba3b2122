"""Which files tell of packages, and how much of each is needed: read while a layer passes by, none of it kept."""

from __future__ import annotations

import re
from collections.abc import Callable

from dfguard.image.packages import distributions, languages, programs
from dfguard.image.packages.found import (
    APK,
    COPYRIGHT,
    DEB,
    GEM,
    GOLANG,
    MAVEN,
    NPM,
    OS_RELEASE,
    PYPI,
    RPM,
    Package,
    PackageFile,
    Unreadable,
)
from dfguard.regex import regex

MAX_DATABASE = 128 << 20
MAX_PROGRAM = 128 << 20
MAX_TEXT = 4 << 20

_ELF = b"\x7fELF"
_NODE = regex(r"/(?:node_modules|usr/share/nodejs)/(?:@[^/]+/)?[^/@.][^/]*/package\.json$")
_DEB = regex(r"/var/lib/dpkg/status(?:\.d/[^/]+(?<!\.md5sums))?$")
_RPM = regex(r"/(?:var/lib/rpm|usr/lib/sysimage/rpm|usr/share/rpm)/(?:rpmdb\.sqlite|Packages(?:\.db)?)$")
_PARSERS: dict[str, Callable[[bytes], tuple[Package, ...]]] = {
    DEB: distributions.dpkg,
    APK: distributions.apk,
    PYPI: languages.python,
    NPM: languages.node,
    GEM: languages.gem,
}


class PackageReader:
    """Reads the files of a layer that tell of packages; a `ContentReader` of dfguard.image.layer."""

    def most(self, path: str, head: bytes) -> int:
        """How many bytes of a file are needed, 0 for one that tells of no package."""
        kind = kind_of(path)
        if kind in (DEB, APK, RPM, MAVEN):
            return MAX_DATABASE
        if kind:
            return MAX_TEXT
        return MAX_PROGRAM if head.startswith(_ELF) else 0

    def read(self, path: str, data: bytes | bytearray, size: int) -> PackageFile | None:
        """What a file tells, of which `data` are the first bytes that were asked for; None for nothing."""
        kind = kind_of(path)
        if size > len(data) and kind != PYPI:  # of METADATA only what stands in front matters
            return PackageFile(path, kind or GOLANG, problem=f"is larger than {len(data):,} bytes: not read")
        try:
            return _told(path, kind, bytes(data)) if kind else _of_program(path, data)
        except Unreadable as error:
            return PackageFile(path, kind or GOLANG, problem=str(error))


def _of_program(path: str, data: bytes | bytearray) -> PackageFile | None:
    packages = programs.of_program(data)
    return PackageFile(path, packages[-1].kind, packages) if packages else None


def _told(path: str, kind: str, data: bytes) -> PackageFile | None:
    if kind == OS_RELEASE:
        return PackageFile(path, kind, distribution=distributions.os_release(data))
    if kind == COPYRIGHT:
        return PackageFile(path, kind, licenses=distributions.terms(data))
    if kind == RPM:
        from dfguard.image.packages.rpm import rpm

        return PackageFile(path, kind, rpm(data))
    if kind == MAVEN:
        from dfguard.image.packages.archives import jar

        packages = jar(data)
    else:
        packages = _PARSERS[kind](data)
    return PackageFile(path, kind, packages) if packages or kind in (DEB, APK) else None


def kind_of(path: str) -> str:
    """What a file tells of by its path, "" for nothing."""
    name = path.rpartition("/")[2]
    found = _BY_NAME.get(name)
    if found is not None:
        kind, pattern = found
        return kind if pattern is None or pattern.search(path) else ""
    if name.endswith(".egg-info"):  # distutils wrote a file where others have a folder
        return PYPI
    if name.endswith(".gemspec"):
        return GEM if "/specifications/" in path else ""
    if name.endswith((".jar", ".war", ".ear")):
        return MAVEN
    return DEB if "/status.d/" in path and _DEB.search(path) else ""


_BY_NAME: dict[str, tuple[str, re.Pattern[str] | None]] = {
    "status": (DEB, _DEB),
    "installed": (APK, re.compile(r"/lib/apk/db/installed$")),
    "rpmdb.sqlite": (RPM, _RPM),
    "Packages.db": (RPM, _RPM),
    "Packages": (RPM, _RPM),
    "METADATA": (PYPI, re.compile(r"\.dist-info/METADATA$")),
    "PKG-INFO": (PYPI, re.compile(r"\.egg-info/PKG-INFO$|/EGG-INFO/PKG-INFO$")),
    "package.json": (NPM, _NODE),
    "os-release": (OS_RELEASE, re.compile(r"^/(?:etc|usr/lib)/os-release$")),
    "copyright": (COPYRIGHT, re.compile(r"^/usr/share/doc/[^/]+/copyright$")),
}
