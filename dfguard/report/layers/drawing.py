"""The pictures of the page, as SVG: the graph of stages, and the way of each secret from context to layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

from dfguard.dockerfile.stages import StageGraph
from dfguard.report.layers.view import LayersView, SecretPath, StageView

_WIDTH, _HEIGHT, _GAP, _ROW = 190, 46, 70, 74
_MOST_CELLS = 24
_MOST_SECRETS = 30


def stage_graph(view: LayersView) -> str:
    """The stages as boxes from left to right, FROM as lines and COPY --from or mounts as dashed ones."""
    columns = _columns(view.graph)
    rows: dict[int, int] = {}
    place: dict[int, tuple[int, int]] = {}
    for stage in view.graph.stages:
        column = columns[stage.index]
        place[stage.index] = (20 + column * (_WIDTH + _GAP), 20 + rows.get(column, 0) * _ROW)
        rows[column] = rows.get(column, 0) + 1
    width = 40 + max(columns.values(), default=0) * (_WIDTH + _GAP) + _WIDTH
    height = 20 + max(rows.values(), default=0) * _ROW
    leaking = {path.arrival.added.stage for path in view.secrets}
    parts = [_edge(place[a], place[b], kind) for a, b, kind in _links(view.graph)]
    parts += [_node(place[each.stage.index], each, each.stage.index in leaking) for each in view.stages]
    label = "; ".join(_in_words(view.graph)) or "one stage"
    return _svg(width, height, f"Stages: {label}", parts)


def _columns(graph: StageGraph) -> dict[int, int]:
    """A stage stands right of all that it needs."""
    columns: dict[int, int] = {}
    for stage in graph.stages:
        needs = [columns[a] for a, b, _ in _links(graph) if b == stage.index and a in columns]
        columns[stage.index] = max(needs, default=-1) + 1
    return columns


def _links(graph: StageGraph) -> list[tuple[int, int, str]]:
    """(needed stage, stage, `from` or `copy`), each once."""
    found = [(s.parent, s.index, "from") for s in graph.stages if s.parent is not None]
    for reference in graph.references:
        stage = graph.stage_of(reference.instruction)
        if reference.kind != "from" and reference.stage is not None and stage is not None:
            found.append((reference.stage, stage.index, "copy"))
    return list(dict.fromkeys(found))


def _in_words(graph: StageGraph) -> Iterator[str]:
    names = [stage.name or str(stage.index) for stage in graph.stages]
    for needed, stage, kind in _links(graph):
        yield f"{names[stage]} {'is FROM' if kind == 'from' else 'copies from'} {names[needed]}"


def _node(at: tuple[int, int], view: StageView, leaks: bool) -> str:
    x, y = at
    classes = f"node {view.kind}{' leak' if leaks else ''}"
    return (
        f'<a href="#stage-{view.stage.index}"><g class="{classes}"><rect x="{x}" y="{y}" width="{_WIDTH}" '
        f'height="{_HEIGHT}" rx="8"/><text x="{x + 12}" y="{y + 19}" font-weight="600">{_cut(view.name)}</text>'
        f'<text x="{x + 12}" y="{y + 36}">{escape(view.role)}</text></g></a>'
    )


def _edge(start: tuple[int, int], end: tuple[int, int], kind: str) -> str:
    x1, y1, x2, y2 = start[0] + _WIDTH, start[1] + _HEIGHT // 2, end[0], end[1] + _HEIGHT // 2
    middle = (x1 + x2) // 2
    return f'<path class="edge {kind}" d="M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}"/>'


def secret_ways(paths: Sequence[SecretPath]) -> str:
    """One row a secret: the file of the context, each line that carries it, the layer it ends in."""
    shown = paths[:_MOST_SECRETS]
    stations = [_stations(path) for path in shown]
    columns = max(len(way) for way in stations)
    parts = []
    for row, way in enumerate(stations):
        y = 20 + row * _ROW
        places = [20 + index * (_WIDTH + _GAP) for index in range(len(way))]
        for start, end in pairwise(places):
            parts.append(f'<path class="edge leak" d="M{start + _WIDTH} {y + _HEIGHT // 2} H{end}"/>')
        for x, (first, second) in zip(places, way, strict=True):
            parts.append(
                f'<g class="node leak"><rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="8"/>'
                f'<text x="{x + 12}" y="{y + 19}" font-weight="600">{_cut(first)}</text>'
                f'<text x="{x + 12}" y="{y + 36}">{_cut(second)}</text></g>'
            )
    label = f"The way of {len(shown)} secret{'s' * (len(shown) != 1)}, told in the list below"
    return _svg(40 + columns * (_WIDTH + _GAP) - _GAP, 20 + len(shown) * _ROW, label, parts)


def _stations(path: SecretPath) -> list[tuple[str, str]]:
    added = path.arrival.added
    way = [(path.source, path.kind)]
    words = (path.arrival.added.origin.place, *path.arrival.added.hops)
    way += [(f"line {word.start_line}", "carries it on" if at else "brings it in") for at, word in enumerate(words)]
    end = f"layer {path.layer}" if path.layer else "the image"
    return [*way, (end, added.path)]


def _svg(width: int, height: int, label: str, parts: Sequence[str]) -> str:
    return (
        f'<svg role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _cut(text: str) -> str:
    return escape(text if len(text) <= _MOST_CELLS else text[: _MOST_CELLS - 1] + "\u2026")
