"""Package URLs, by the purl specification (purl-spec, PURL-TYPES) and with the qualifiers that grype and trivy read."""

from __future__ import annotations

import re

from dfguard.image.packages.found import APK, CARGO, DEB, GEM, GOLANG, MAVEN, NPM, PYPI, RPM, Package
from dfguard.regex import regex

_SAFE = regex(r"[^A-Za-z0-9.~_:-]")


def purl(package: Package, distribution: tuple[str, str] = ("", "")) -> str:
    """The package URL of a package in an image of a distribution (ID and VERSION_ID of its os-release)."""
    namespace, name = _split(package)
    version = package.version
    qualifiers: dict[str, str] = {}
    if package.kind in (DEB, APK, RPM):
        namespace, version, qualifiers = _of_system(package, distribution)
    elif package.kind == GEM and package.arch:
        qualifiers = {"platform": package.arch}
    where = "".join(f"{_quoted(part)}/" for part in namespace.split("/") if part)
    at = f"@{_quoted(version)}" if version else ""
    told = "&".join(f"{key}={_quoted(value, '/')}" for key, value in sorted(qualifiers.items()) if value)
    return f"pkg:{package.kind}/{where}{_quoted(name)}{at}{'?' if told else ''}{told}"


def _split(package: Package) -> tuple[str, str]:
    """Namespace and name as the type writes them."""
    name = package.name
    if package.kind == PYPI:
        return "", re.sub(r"[-_.]+", "-", name).lower()
    if package.kind in (GOLANG, NPM, MAVEN):
        namespace, _, last = (name.lower() if package.kind == GOLANG else name).rpartition("/")
        return namespace, last
    return "", name.lower() if package.kind == DEB else name


def _of_system(package: Package, distribution: tuple[str, str]) -> tuple[str, str, dict[str, str]]:
    """Namespace, version and qualifiers of a package of the system."""
    family, release = distribution
    default = {DEB: "debian", APK: "alpine", RPM: ""}[package.kind]
    version, qualifiers = package.version, {"arch": package.arch}
    if package.kind == RPM:
        epoch, colon, rest = version.partition(":")
        if colon:
            version, qualifiers["epoch"] = rest, epoch
    if family and release:
        qualifiers["distro"] = f"{family}-{release}"
    source = re.sub(r" \((.*)\)$", r"@\1", package.source)
    if source and source != package.name:
        qualifiers["upstream"] = source
    return family or default, version, qualifiers


def _quoted(text: str, safe: str = "") -> str:
    return _SAFE.sub(lambda found: found[0] if found[0] in safe else _percent(found[0]), text)


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "replace"))


TYPES = (DEB, APK, RPM, PYPI, NPM, GOLANG, CARGO, GEM, MAVEN)
