"""An image in figures: its layers, what each did, and the bytes that no container sees."""

from __future__ import annotations

from collections import Counter

from dfguard.image.additions import base_layers_of
from dfguard.image.base import Base, base_of
from dfguard.image.created_by import instruction_of
from dfguard.image.efficiency import DiveScore, Waste, dive_score, wasted
from dfguard.image.leftovers import Leftover, leftovers
from dfguard.image.model import Image, Layer
from dfguard.image.packages.inventory import Inventory, take_inventory
from dfguard.image.view import ADDED, CHANGED, REMOVED, REWRITTEN, View, changes, stack
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
    """An image in figures; `view` is what its layers make together, `inventory` its packages, `base` what
    it stands on, `leftovers` the programs and caches that only a build needs."""

    image: Image
    view: View
    rows: tuple[LayerRow, ...]
    waste: tuple[Waste, ...]
    dive: DiveScore
    inventory: Inventory
    base: Base
    leftovers: tuple[Leftover, ...]

    @property
    def hidden(self) -> int:
        """The bytes of all files that no container sees."""
        return sum(each.size for each in self.waste)


def summarize(image: Image, base: Base | None = None) -> Summary:
    """Read the figures off an image."""
    contents = [layer.content for layer in image.layers]
    view = stack(contents)
    waste = wasted(view)
    hidden: Counter[int] = Counter()
    for each in waste:
        hidden[each.layer] += each.size
    base = base or base_of(image)
    left = tuple(leftovers(image, view, base.layers or base_layers_of(image)))
    packages = take_inventory(image.layers, view)
    rows = tuple(_row(image, view, layer, hidden[layer.index]) for layer in image.layers)
    return Summary(image, view, rows, waste, dive_score(contents, view), packages, base, left)


def _row(image: Image, view: View, layer: Layer, hidden: int) -> LayerRow:
    kinds = Counter(changes(view, layer.index).values())
    content = layer.content
    counts = (kinds[ADDED], kinds[CHANGED], kinds[REWRITTEN], kinds[REMOVED])
    return LayerRow(layer, instruction_of(image, layer), content.content_size, content.size, *counts, hidden)


def age(created: str) -> int | None:
    """The days since a time of RFC 3339, None for what is none or lies ahead; builds that can be repeated say 1970."""
    from datetime import datetime, timezone

    try:
        then = datetime.fromisoformat(created[:19]).replace(tzinfo=timezone.utc)
    except ValueError:
        return None
    days = (datetime.now(timezone.utc) - then).days
    return days if days >= 0 and then.year > 1980 else None
