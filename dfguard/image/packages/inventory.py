"""Which layer brought which package, and what became of it: databases compared from layer to layer.

A package that a later layer removes or replaces is gone for containers; its files are in the layer below all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from dfguard.image.model import Layer
from dfguard.image.packages.found import APK, COPYRIGHT, DEB, OS_RELEASE, RPM, Package, PackageFile
from dfguard.image.packages.purl import TYPES, purl
from dfguard.image.view import DELETED, LIVE, OVERWRITTEN, Version, View
from dfguard.struct import Struct

_DATABASES = (DEB, APK, RPM)
_NAMES = {DEB: "dpkg", APK: "apk", RPM: "rpm"}


class Installed(Struct):
    """A package of an image.

    `layer` is the index of the layer that brought it, `path` the file that tells. `fate` is `live`, `deleted` or
    `overwritten` (by another version), `by` the layer that did that. `purl` is its package URL.
    """

    package: Package
    purl: str
    path: str
    layer: int
    fate: str = LIVE
    by: int | None = None


class Inventory(Struct):
    """The packages of an image in order of layer, and what could not be read of them, one line each."""

    packages: tuple[Installed, ...]
    distribution: tuple[str, str] = ("", "")
    problems: tuple[str, ...] = ()

    def brought(self, layer: int) -> Counter[str]:
        """How many packages of each kind a layer brought."""
        return Counter(each.package.kind for each in self.packages if each.layer == layer)

    def removed(self, layer: int) -> Counter[str]:
        """How many packages of each kind a layer removed or replaced."""
        return Counter(each.package.kind for each in self.packages if each.by == layer)


def take_inventory(layers: Sequence[Layer], view: View) -> Inventory:
    """Put together what the files of all layers tell."""
    taking = _Taking(layers, view)
    packages = sorted(taking.packages(), key=lambda each: (each.layer, TYPES.index(each.package.kind), each.purl))
    return Inventory(tuple(packages), taking.distribution, tuple(taking.problems))


class _Taking:
    def __init__(self, layers: Sequence[Layer], view: View) -> None:
        self.layers = layers
        self.view = view
        self.problems: list[str] = []
        self.told: dict[tuple[int, str], PackageFile] = {}
        for layer in layers:
            for file in layer.content.packages:
                self.told[layer.index, file.path] = file
                if file.problem:
                    self.problems.append(f"packages: {file.path} of layer {layer.index} {file.problem}")
        self.logs = {
            (layer.index, entry.path): entry.size
            for layer in layers
            for entry in layer.content.entries
            if entry.path.endswith("/rpmdb.sqlite-wal")
        }
        self.distribution = self._distribution()
        self.terms = {file.path: file.licenses for file in self.told.values() if file.kind == COPYRIGHT}

    def _distribution(self) -> tuple[str, str]:
        """What names the distribution in the final image, or else in the last layer that tells."""
        known = [(at, file.distribution) for at, file in self.told.items() if file.kind == OS_RELEASE]
        for path in ("/etc/os-release", "/usr/lib/os-release"):
            version = self.view.resolve(path)
            for at, distribution in known:
                if version is not None and at == (version.data.layer, version.data.path):
                    return distribution
        return known[-1][1] if known else ("", "")

    def packages(self) -> Iterator[Installed]:
        databases: dict[str, list[Version]] = {}
        paths = {file.path for file in self.told.values() if file.kind in _DATABASES and "/status.d/" not in file.path}
        for view in self.view.layers:
            for version in view.versions:
                file = self.told.get((view.index, version.path))
                if version.path in paths:
                    databases.setdefault(version.path, []).append(version)
                elif file is not None:
                    fate, by = self.view.fate(version)
                    yield from (self._installed(each, version, fate, by) for each in file.packages)
        for path, versions in databases.items():
            yield from self._of_database(path, versions)

    def _of_database(self, path: str, versions: Iterable[Version]) -> Iterator[Installed]:
        """Compare each version of a database with the one before it."""
        current: dict[tuple[str, str, str], Installed] = {}
        last: Version | None = None
        for version in versions:
            file = self.told.get((version.layer, path))
            self._say_log(version)
            if file is not None and file.problem:
                continue  # told of already; what was there before is taken to be there still
            listed = {(each.name, each.arch, each.version): each for each in (file.packages if file else ())}
            names = {key[:2] for key in listed}
            for key in [key for key in current if key not in listed]:
                gone = current.pop(key)
                yield gone.but(fate=OVERWRITTEN if key[:2] in names else DELETED, by=version.layer)
            for key, package in listed.items():
                if key not in current:
                    current[key] = self._installed(package, version, LIVE, None)
            last = version
        if last is not None and last.fate == DELETED and current:
            name = _NAMES[next(iter(current.values())).package.kind]
            self.problems.append(
                f"packages: layer {last.by} deletes {name}'s database {path}; what it lists is taken to be there still"
            )
        yield from current.values()

    def _say_log(self, version: Version) -> None:
        """SQLite may keep the last changes in a file of their own."""
        log = self.logs.get((version.layer, f"{version.path}-wal"))
        if log:
            self.problems.append(
                f"packages: the last changes to {version.path} stand in {version.path}-wal of layer {version.layer}, "
                "which is not read"
            )

    def _installed(self, package: Package, version: Version, fate: str, by: int | None) -> Installed:
        if package.kind == DEB and not package.licenses:
            package = package.but(licenses=self._terms_of(package.name))
        url = purl(package, self.distribution)
        return Installed(package, url, version.path, version.layer, fate, by)

    def _terms_of(self, name: str) -> tuple[str, ...]:
        path = f"/usr/share/doc/{name}/copyright"
        return self.terms.get(path) or self.terms.get(self.view.real(path) or "", ())
