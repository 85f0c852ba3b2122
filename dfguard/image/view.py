"""What the layers make together: for every path in every layer whether it is live, deleted or overwritten.

Whiteouts and opaque folders speak of lower layers only, wherever they stand in the archive, so they come first
(OCI image spec, layer.md "Whiteouts"). A hard link is another name of the same data: a file is not gone as long as
one of its names is live.
"""

from __future__ import annotations

from collections.abc import Sequence

from dfguard.image.layer import LayerContent, LayerEntry
from dfguard.struct import Struct

MAX_LINKS = 40  # as Linux

LIVE, DELETED, OVERWRITTEN = "live", "deleted", "overwritten"
ADDED, CHANGED, REWRITTEN, REMOVED = "added", "changed", "rewritten", "removed"


class Version:
    """A path as one layer has it.

    `fate` is `live`, `deleted` or `overwritten`, `by` the index of the layer that did it, None when live.
    `data` is the version that holds the data: itself, or for a hard link that of its target. `change` is what
    the layer did to the path: `added`, `changed`, or `rewritten` with nothing but a new time.
    """

    __slots__ = ("by", "change", "data", "entry", "fate", "layer")

    def __init__(self, layer: int, entry: LayerEntry, change: str) -> None:
        self.layer = layer
        self.entry = entry
        self.change = change
        self.fate = LIVE
        self.by: int | None = None
        self.data = self

    @property
    def path(self) -> str:
        """The absolute path in the image."""
        return self.entry.path


class Removal(Struct):
    """A layer removed `path`: the versions of it, and of what lay below, that are gone for it."""

    layer: int
    path: str
    gone: tuple[Version, ...]


class LayerView(Struct):
    """What one layer did: the versions that it brought, and the removals; `inside` are entries that a later
    one of the same layer replaces, whose data is in the blob all the same."""

    index: int
    versions: tuple[Version, ...]
    removals: tuple[Removal, ...]
    inside: tuple[LayerEntry, ...]


class View:
    """All layers, stacked."""

    def __init__(self, layers: tuple[LayerView, ...], final: dict[str, Version]) -> None:
        self.layers = layers
        self.final = final
        linked = {id(v.data) for layer in layers for v in layer.versions if v.data is not v}
        self._names: dict[int, list[Version]] = {data: [] for data in linked}
        self._fates: dict[int, tuple[str, int | None]] = {}
        for layer in layers if linked else ():
            for version in layer.versions:
                if id(version.data) in linked:
                    self._names[id(version.data)].append(version)

    def names(self, version: Version) -> Sequence[Version]:
        """All versions that share the data of one, hard links included."""
        return self._names.get(id(version.data), [version])

    def fate(self, version: Version) -> tuple[str, int | None]:
        """What became of a version's data, by any of its names, and the layer that did it."""
        names = self.names(version)
        known = self._fates.get(id(version.data))
        if known is None:
            if any(name.fate is LIVE for name in names):
                known = LIVE, None
            else:
                last = max(names, key=lambda name: name.by or 0)
                known = last.fate, last.by
            if len(names) > 1:
                self._fates[id(version.data)] = known  # a thousand names would ask for it a thousand times
        return known

    def resolve(self, path: str) -> Version | None:
        """The live version that a path leads to, links followed; None for what is not there or leads in circles."""
        real = self.real(path)
        return self.final.get(real) if real is not None else None

    def real(self, path: str) -> str | None:
        """A path with its links followed, whether it exists or not; None where they lead in circles."""
        todo = [part for part in path.split("/") if part][::-1]
        here, links = "", 0
        while todo:
            part = todo.pop()
            if part in (".", ".."):
                here = here.rpartition("/")[0] if part == ".." else here
                continue
            found = self.final.get(f"{here}/{part}")
            if found is None or found.entry.kind != "symlink":
                here = f"{here}/{part}"
                continue
            links += 1
            if links > MAX_LINKS:
                return None
            here = "" if found.entry.link.startswith("/") else here
            todo += [piece for piece in found.entry.link.split("/") if piece][::-1]
        return here


def stack(contents: Sequence[LayerContent]) -> View:
    """Play the layers one upon the other. Time is linear in all their entries and in what they remove."""
    stacking = _Stacking()
    layers = tuple(stacking.put(index, content) for index, content in enumerate(contents))
    return View(layers, stacking.tree)


class _Stacking:
    """The paths that are live while layers are put on."""

    def __init__(self) -> None:
        self.tree: dict[str, Version] = {}
        self.children: dict[str, set[str]] = {}

    def put(self, index: int, content: LayerContent) -> LayerView:
        removals = [self.remove(index, path, DELETED) for path in content.whiteouts]
        for folder in content.opaque:
            below = sorted(self.children.get(folder.rstrip("/"), ()))
            removals += [self.remove(index, path, DELETED) for path in below]
        versions = [self.add(index, entry) for entry in content.entries]
        self.link(versions)
        return LayerView(index, tuple(versions), tuple(r for r in removals if r.gone), content.replaced)

    def remove(self, index: int, path: str, fate: str) -> Removal:
        """Take a path and all below it off the tree."""
        gone = []
        pending = [path]
        self.children.get(path.rpartition("/")[0], set()).discard(path)
        while pending:
            current = pending.pop()
            pending += self.children.pop(current, ())
            version = self.tree.pop(current, None)
            if version is not None:
                version.fate, version.by = fate, index
                gone.append(version)
        return Removal(index, path, tuple(gone))

    def add(self, index: int, entry: LayerEntry) -> Version:
        path = entry.path
        old = self.tree.get(path)
        change = ADDED
        if old is not None:
            change = REWRITTEN if entry.same_as(old.entry) else CHANGED
            old.fate, old.by = OVERWRITTEN, index
        if entry.kind != "dir" and (old is not None or path in self.children):
            self.remove(index, path, OVERWRITTEN)
        version = Version(index, entry, change)
        self.tree[path] = version
        self.hang(path)
        return version

    def hang(self, path: str) -> None:
        """Make the path known to its folders, also to those that no layer lists."""
        while path:
            folder = path.rpartition("/")[0]
            siblings = self.children.get(folder)
            if siblings is None:
                self.children[folder] = {path}
            elif path in siblings:
                return
            else:
                siblings.add(path)
            path = folder

    def link(self, versions: list[Version]) -> None:
        """Give hard links the data of their targets; links to links are followed."""
        for version in versions:
            seen = 0
            target: Version | None = version
            while target is not None and target.entry.kind == "hardlink" and seen < 8:
                target = self.tree.get(target.entry.link)
                seen += 1
            if target is not None and target is not version:
                version.data = target.data


def changes(view: View, layer: int) -> dict[str, str]:
    """What a layer did to each path, folders that it only lists left out."""
    found = {v.path: v.change for v in view.layers[layer].versions if v.entry.kind != "dir" or v.change != REWRITTEN}
    found |= {removal.path: REMOVED for removal in view.layers[layer].removals if removal.path not in found}
    return found
