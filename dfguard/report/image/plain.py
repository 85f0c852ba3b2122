"""`dfguard image` for people: what it is, its layers, what they waste."""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.amounts import amount
from dfguard.image.base import Base
from dfguard.image.efficiency import Waste
from dfguard.image.leftovers import CACHE, REPOSITORY
from dfguard.report.cells import escape
from dfguard.report.image import package_lines
from dfguard.report.image.gates import Breach
from dfguard.report.image.summary import LayerRow, Summary, age
from dfguard.secrets.redact import redact

_INSTRUCTION = 70


def render(summary: Summary, breaches: tuple[Breach, ...], *, largest: int, packages: bool = False) -> str:
    """The report as text; `largest` so many wasted files are named, `packages`: all packages are."""
    listed = package_lines.listed(summary.inventory) if packages else ()
    parts = [
        _head(summary), _layers(summary), package_lines.counted(summary.inventory), listed,
        _left(summary), _waste(summary, largest),
        _gates(breaches),
    ]  # fmt: skip
    return "\n\n".join("\n".join(part) for part in map(list, parts) if part) + "\n"


def _head(summary: Summary) -> Iterator[str]:
    image, config = summary.image, summary.image.config
    yield f"image       {escape(image.name)}"
    if image.tags:
        yield f"tags        {escape(', '.join(image.tags))}"
    yield f"digest      {image.digest or image.config_digest}"
    yield f"platform    {escape(config.platform) or 'unknown'}"
    if config.created:
        days = age(config.created)
        yield f"created     {escape(config.created)}{f', {days:,} days ago' if days is not None else ''}"
    if summary.base.name or summary.base.layers is not None:
        yield f"base        {escape(_base(summary.base))}"
    yield f"user        {escape(config.user) or 'root, as none is set'}"
    for name, words in (("entrypoint", config.entrypoint), ("command", config.cmd)):
        if words:
            yield f"{name:<12}{escape(redact(' '.join(words)))}"
    layers = f"{len(image.layers)} layer{'s' * (len(image.layers) != 1)}"
    yield f"size        {amount(image.size)} in {layers}, of which {amount(summary.hidden)} no container sees"
    problems = (*image.problems, *summary.inventory.problems)
    yield from (f"warning     {escape(problem)}" for problem in problems)


def _base(base: Base) -> str:
    name = base.name + (f"@{base.digest}" if base.digest else "")
    if base.layers is None:
        return f"{name}, by its labels"
    moved = "; the label names another digest: the base has moved on" if base.current is False else ""
    if not base.layers:
        return f"{name} is not what it was built on, or another state of it{moved}"
    return f"{name}: its first {base.layers} layer{'s' * (base.layers != 1)}{moved}"


def _left(summary: Summary) -> Iterator[str]:
    """Shells, compilers, debuggers and package managers, and the layers they are from."""
    tools = [left for left in summary.leftovers if left.kind not in (CACHE, REPOSITORY)]
    if tools:
        yield "left in the image:"
    for left in tools:
        names = ", ".join(left.names[:8]) + (f" and {len(left.names) - 8} more" if len(left.names) > 8 else "")
        where = "the base's layer" if left.base else "layer"
        yield f"{where:>16} {left.layer}  {left.kind}s: {escape(names)}"


def _layers(summary: Summary) -> Iterator[str]:
    yield "layer      size    hidden   added changed removed  instruction"
    for row in summary.rows:
        yield _layer(row).rstrip()


def _layer(row: LayerRow) -> str:
    said = escape(row.instruction)
    if len(said) > _INSTRUCTION:
        said = said[: _INSTRUCTION - 3] + "..."
    counts = f"{row.added:>8,}{row.changed:>8,}{row.removed:>8,}"
    hidden = amount(row.hidden) if row.hidden else ""
    return f"{row.layer.index:>5}{amount(row.size):>10}{hidden:>10}{counts}  {said}"


def _waste(summary: Summary, largest: int) -> Iterator[str]:
    if not summary.waste:
        return
    count = len(summary.waste)
    yield f"hidden: {amount(summary.hidden)} in {count:,} file{'s' * (count != 1)} that later layers remove or replace"
    for waste in summary.waste[:largest]:
        yield f"{amount(waste.size):>10}  {escape(waste.path)}  {_blame(waste)}"
    if count > largest:
        yield f"{'':>10}  and {count - largest:,} more"
    score = summary.dive
    yield (
        f"dive's figures: efficiency {score.efficiency:.2%}, wasted {amount(score.wasted)}, "
        f"{score.wasted_user_percent:.2%} of what stands above the first layer"
    )


def _blame(waste: Waste) -> str:
    if waste.layer == waste.by:
        return f"stands twice in layer {waste.layer}"
    return f"in layer {waste.layer}, {waste.fate} in layer {waste.by}"


def _gates(breaches: tuple[Breach, ...]) -> Iterator[str]:
    yield from map(str, breaches)
