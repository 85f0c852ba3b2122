"""What a file of a layer tells of packages. Plain data, so that layers can hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.struct import Struct

# Kinds of packages: the types of package URLs.
DEB, APK, RPM, PYPI, NPM, GOLANG, CARGO, GEM, MAVEN = "deb apk rpm pypi npm golang cargo gem maven".split()
# Kinds of files that tell of packages by other means than listing them.
OS_RELEASE, COPYRIGHT = "os-release", "copyright"


class Package(Struct):
    """A package as a file tells of it.

    `name` is the whole name (`@scope/name`, `github.com/owner/name`, `group/artifact`). `version` is "" where none is
    told; that of a deb or rpm holds the revision, an epoch in front (`1:2.3-4`). `source` is what it was built from:
    `name` or `name (version)` of a deb, the origin of an apk, the file name of a source rpm.
    """

    kind: str
    name: str
    version: str
    arch: str = ""
    licenses: tuple[str, ...] = ()
    source: str = ""

    if not TYPE_CHECKING:  # thousands in an image

        def __init__(self, kind, name, version, arch="", licenses=(), source=""):
            put = object.__setattr__
            put(self, "kind", kind)
            put(self, "name", name)
            put(self, "version", version)
            put(self, "arch", arch)
            put(self, "licenses", licenses)
            put(self, "source", source)


class PackageFile(Struct):
    """A file that tells of packages: `path` in the image, `kind` one of those above.

    `problem` says why a file that should tell of some could not be read. A file that names the distribution has
    `distribution`, its ID and VERSION_ID; one that holds the terms of a deb has `licenses`.
    """

    path: str
    kind: str
    packages: tuple[Package, ...] = ()
    problem: str = ""
    distribution: tuple[str, str] = ("", "")
    licenses: tuple[str, ...] = ()


class Unreadable(ValueError):
    """What a file holds is not what its name promises; the text says what is wrong with it."""
