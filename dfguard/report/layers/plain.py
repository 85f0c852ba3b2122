"""`dfguard layers` for people: the stages, their layers, what ships and what stays behind."""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.amounts import amount, count
from dfguard.report.cells import escape
from dfguard.report.layers.view import FileLine, LayersView, PredictedLayer, StageView

_TEXT = 100


def render(view: LayersView, *, most: int) -> str:
    """The report as text; of each layer up to `most` files."""
    parts = [_head(view), *(_stage(stage, most) for stage in view.stages), _secrets(view), _sum(view)]
    return "\n\n".join("\n".join(part) for part in map(list, parts) if part) + "\n"


def _head(view: LayersView) -> Iterator[str]:
    invocation = view.invocation
    yield f"Dockerfile  {escape(invocation.dockerfile)}"
    yield f"context     {escape(invocation.context or 'not known')} ({escape(invocation.source)})"
    if invocation.target:
        yield f"target      {escape(invocation.target)}"


def _stage(view: StageView, most: int) -> Iterator[str]:
    yield f"stage {escape(view.name)}, FROM {escape(view.base)}: {view.role}"
    for layer in view.layers:
        yield from _layer(layer, most)


def _layer(layer: PredictedLayer, most: int) -> Iterator[str]:
    text = layer.text if len(layer.text) <= _TEXT else layer.text[: _TEXT - 3] + "..."
    number = f"layer {layer.number}" if layer.number else "layer"
    yield f"  {number}  line {layer.instruction.start_line}  {escape(text)}"
    yield f"      {_amounts(layer)}"
    for line in layer.files[:most]:
        yield f"      + {escape(line.added.path)}  {_file(line)}"
    if len(layer.files) > most:
        yield f"      + and {count(len(layer.files) - most, 'more file')}"
    for removed in layer.removed[:most]:
        yield f"      - {escape(removed.path)}{'' if removed.certain else '  (perhaps)'}"
    for changed in layer.changed[:most]:
        yield f"      ~ {escape(changed.path)}"
    for reason in dict.fromkeys(event.reason for event in layer.opaque):
        yield f"      ? {escape(reason)}"


def _amounts(layer: PredictedLayer) -> str:
    parts = [f"{count(len(layer.files), 'file')}, {amount(layer.size)}"]
    if layer.opaque and not layer.files:
        parts = ["what it brings is not known"]
    if layer.unsized:
        parts.append(f"{layer.unsized:,} of unknown size")
    if layer.folders:
        parts.append(count(layer.folders, "folder"))
    if layer.copied:
        parts.append(f"{count(len(layer.changed), 'file')} of lower layers again, {amount(layer.copied)}")
    if layer.wasted:
        parts.append(f"{amount(layer.wasted)} wasted: later layers hide them")
    return "; ".join(parts)


def _file(line: FileLine) -> str:
    parts = [amount(line.size) if line.size is not None else "size unknown", escape(line.origin)]
    if not line.added.certain:
        parts.append("perhaps")
    if line.hidden is not None:
        parts.append(f"{line.hidden.verb} by line {line.hidden.place.start_line}, still in this layer")
    return ", ".join(parts)


def _secrets(view: LayersView) -> Iterator[str]:
    for path in view.secrets:
        added, removed = path.arrival.added, path.arrival.removed
        steps = [f"{escape(path.source)} ({path.kind})"]
        steps += [f"line {span.start_line}" for span in (added.origin.place, *added.hops)]
        where = f"layer {path.layer}" if path.layer else "the image"
        steps.append(f"{escape(added.path)} in {where}")
        if removed is not None:
            steps.append(f"hidden by line {removed.place.start_line}, still in the layer")
        yield "secret  " + " -> ".join(steps)


def _sum(view: LayersView) -> Iterator[str]:
    shipped = view.shipped
    adds = count(len(shipped), "layer")
    yield f"the image adds {adds} to its base: {amount(view.size)} known, {amount(view.wasted)} of it wasted"
    for role in ("stays behind", "not built"):
        left = [layer for stage in view.stages if stage.role == role for layer in stage.layers]
        if left:
            yield f"{role}: {count(len(left), 'layer')}, {amount(sum(layer.size for layer in left))} known"
