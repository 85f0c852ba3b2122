"""Bytes that an image carries and no container sees: by dive's formula, for its gates, and by ours, with blame.

Ours counts what is gone: the versions of files that a later layer removes or replaces. dive's counts every version of a
path that stands in two layers or more, the live one too, so its figure is about twice as large.
Source of dive's: dive/filetree/efficiency.go and dive/image/analysis.go of dive 0.13.
"""

from __future__ import annotations

from collections.abc import Sequence

from dfguard.image.layer import LayerContent
from dfguard.image.view import LIVE, LayerView, View
from dfguard.struct import Struct


class Waste(Struct):
    """A file that layer `layer` holds and layer `by` hides: `fate` is `deleted` or `overwritten`, `size` in bytes."""

    path: str
    size: int
    layer: int
    fate: str
    by: int


class DiveScore(Struct):
    """dive's figures: `efficiency` from 0 to 1, `wasted` bytes, and the bytes above the first layer."""

    efficiency: float
    wasted: int
    user_bytes: int

    @property
    def wasted_user_percent(self) -> float:
        """From 0 on; 0 for an image of one layer, where dive divides by zero."""
        return self.wasted / self.user_bytes if self.user_bytes else 0.0


def wasted(view: View) -> tuple[Waste, ...]:
    """All files whose data nobody sees, the largest first; data with several names counts once."""
    out = []
    for layer in view.layers:
        for version in layer.versions:
            if version.fate is LIVE or version.entry.kind != "file":
                continue
            fate, by = view.fate(version)
            if fate is not LIVE and by is not None:
                out.append(Waste(version.path, version.entry.size, layer.index, fate, by))
        out += [Waste(e.path, e.size, layer.index, "overwritten", layer.index) for e in layer.inside if e.size]
    return tuple(sorted(out, key=lambda waste: (-waste.size, waste.layer, waste.path)))


def dive_score(contents: Sequence[LayerContent], view: View) -> DiveScore:
    """The score that dive would give."""
    least: dict[str, int] = {}
    repeated: dict[str, int] = {}  # the bytes of all versions of a path that stands in several layers
    total = 0
    for content, layer in zip(contents, view.layers, strict=True):
        leaves = _leaves(content, layer)
        total += sum(leaves.values())
        for path in least.keys() & leaves.keys():
            repeated[path] = repeated.get(path, least[path]) + leaves[path]
            leaves[path] = min(least[path], leaves[path])
        least |= leaves
    waste = sum(repeated.values())
    user = sum(content.content_size for content in contents[1:])
    return DiveScore(sum(least.values()) / total if total else 1.0, waste, user)


def _leaves(content: LayerContent, layer: LayerView) -> dict[str, int]:
    """Paths with nothing below them, and their sizes: for a whiteout what the folder held, 0 for a file."""
    sizes = {entry.path: entry.size for entry in content.entries}
    sizes.update(dict.fromkeys(content.whiteouts, 0))
    for removal in layer.removals:
        if removal.path in sizes and any(version.path != removal.path for version in removal.gone):
            sizes[removal.path] = sum(version.entry.size for version in removal.gone)
    folders: set[str] = set()
    for path in sizes:
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    return {path: size for path, size in sizes.items() if path not in folders}
