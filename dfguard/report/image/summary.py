"""An image in figures: its layers, what each did, and the bytes that no container sees."""

from __future__ import annotations

from collections import Counter

from dfguard.image.created_by import instruction_of
from dfguard.image.efficiency import DiveScore, Waste, dive_score, wasted
from dfguard.image.model import Image, Layer
from dfguard.image.packages.inventory import Inventory, take_inventory
from dfguard.image.view import ADDED, CHANGED, REMOVED, REWRITTEN, View, changed_paths, stack
from dfguard.struct import Struct


class LayerRow(Struct):
    """What one layer did.

    `instruction` is the step of the history that made it, secrets masked, "" where none is told. `size` are the bytes
    of its files, `blob` those of the layer as it is stored. The counts are of files, links and new folders.
    `hidden` are the bytes of this layer that later layers remove or replace.
    """

    layer: Layer
    instruction: str
    size: int
    blob: int
    added: int
    changed: int
    rewritten: int
    removed: int
    hidden: int


class Summary(Struct):
    """An image in figures; `view` is what its layers make together, `inventory` its packages."""

    image: Image
    view: View
    rows: tuple[LayerRow, ...]
    waste: tuple[Waste, ...]
    dive: DiveScore
    inventory: Inventory

    @property
    def hidden(self) -> int:
        """The bytes of all files that no container sees."""
        return sum(each.size for each in self.waste)


def summarize(image: Image) -> Summary:
    """Read the figures off an image."""
    contents = [layer.content for layer in image.layers]
    view = stack(contents)
    waste = wasted(view)
    hidden: Counter[int] = Counter()
    for each in waste:
        hidden[each.layer] += each.size
    rows = tuple(_row(image, view, layer, hidden[layer.index]) for layer in image.layers)
    return Summary(image, view, rows, waste, dive_score(contents, view), take_inventory(image.layers, view))


def _row(image: Image, view: View, layer: Layer, hidden: int) -> LayerRow:
    kinds = Counter(change for _, change in changed_paths(view, layer.index))
    content = layer.content
    counts = (kinds[ADDED], kinds[CHANGED], kinds[REWRITTEN], kinds[REMOVED])
    return LayerRow(layer, instruction_of(image, layer), content.content_size, content.size, *counts, hidden)
