"""The packages of an image for people: how many each layer brought and removed, and the list of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from dfguard.image.packages.inventory import Installed, Inventory
from dfguard.image.packages.purl import TYPES
from dfguard.image.view import DELETED, LIVE
from dfguard.report.cells import escape


def counted(inventory: Inventory) -> Iterator[str]:
    """One line in all, and one a layer that brought or removed some; nothing for an image without packages."""
    packages = inventory.packages
    if not packages:
        return
    live = Counter(each.package.kind for each in packages if each.fate == LIVE)
    system = " ".join(part for part in inventory.distribution if part)
    hidden = sum(each.fate != LIVE for each in packages)
    more = f"; {hidden:,} more that layers still hold and no container sees" if hidden else ""
    yield f"packages: {said(live) or 'none'}{f' ({escape(system)})' if system else ''}{more}"
    for layer in sorted({each.layer for each in packages} | {each.by for each in packages if each.by is not None}):
        removed = said(inventory.removed(layer))
        yield f"{layer:>5}  {said(inventory.brought(layer)):<32}{f'removed {removed}' if removed else ''}".rstrip()


def listed(inventory: Inventory) -> Iterator[str]:
    """All packages in order of layer."""
    if not inventory.packages:
        return
    rows = [_cells(each) for each in inventory.packages]
    widths = [min(max(len(row[at]) for row in (*rows, _HEADS)), most) for at, most in enumerate((6, 40, 32))]
    yield "layer  " + "  ".join(f"{name:<{width}}" for name, width in zip(_HEADS, widths, strict=True)) + "  license"
    for each, row in zip(inventory.packages, rows, strict=True):
        cells = "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        licenses = escape(", ".join(each.package.licenses)) or "-"
        yield f"{each.layer:>5}  {cells}  {licenses}{_gone(each)}"


_HEADS = ("kind", "name", "version")


def _cells(installed: Installed) -> tuple[str, str, str]:
    package = installed.package
    return package.kind, escape(package.name), escape(package.version) or "-"


def _gone(installed: Installed) -> str:
    if installed.by is None:
        return ""
    verb = "removed" if installed.fate == DELETED else "replaced"
    return f"  [{verb} in layer {installed.by}, still in layer {installed.layer}]"


def said(counts: Mapping[str, int]) -> str:
    """`12 deb, 3 pypi`."""
    return ", ".join(f"{counts[kind]:,} {kind}" for kind in TYPES if counts.get(kind))
