"""`dfguard layers --format html`: one page that needs nothing else, no network and no script to be read.

The pictures have words beside them, folding is the browser's own `details`, the search is all that the script adds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape as html_escape
from importlib.resources import files

from dfguard import __version__
from dfguard.amounts import amount, count
from dfguard.report.cells import escape as printable
from dfguard.report.layers.drawing import secret_ways, stage_graph
from dfguard.report.layers.view import FileLine, LayersView, PredictedLayer, SecretPath, StageView

MOST_FILES = 2_000  # of one layer; a page of a million rows opens nowhere

# Nothing may be loaded, wherever a page lies: the one script and the one style are part of it.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)


def render(views: Sequence[LayersView]) -> str:
    """The page for one build or several."""
    title = f"Layers of {', '.join(dict.fromkeys(text(view.invocation.dockerfile) for view in views))}"
    body = "\n".join(line for number, view in enumerate(views) for line in _build(view, number))
    return f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{title}</title>
<style>
{_part("page.css")}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the layers</a>
<h1>{title}</h1>
<p class="soft">Foreseen by dfguard {__version__}, without building. What is not known is said.</p>
<form role="search" hidden><label>Find a file <input class="find" id="find" type="search" autocomplete="off"></label>
<span id="found" role="status"></span></form>
<main id="main">
{body}
</main>
<script>
{_part("page.js")}</script>
</body>
</html>
"""


def _part(name: str) -> str:
    return files("dfguard.report.layers").joinpath(name).read_text(encoding="utf-8")


def text(value: str) -> str:
    """A text for the page: safe for HTML, and without control characters."""
    return html_escape(printable(value))


def _build(view: LayersView, number: int) -> Iterator[str]:
    invocation = view.invocation
    yield f'<section aria-labelledby="build-{number}">'
    yield f'<h2 id="build-{number}">Build {text(invocation.name)}</h2>'
    yield f'<p class="soft">context {text(invocation.context or "not known")} ({text(invocation.source)})</p>'
    yield from _sums(view)
    yield f'<h2>Stages</h2><div class="drawing" tabindex="0" role="group" aria-label="graph">{stage_graph(view)}</div>'
    yield '<p class="soft">Lines are FROM, dashed ones COPY --from and mounts.</p>'
    if view.secrets:
        yield from _secrets(view)
    for stage in view.stages:
        yield from _stage(stage)
    yield "</section>"


def _sums(view: LayersView) -> Iterator[str]:
    shipped = view.shipped
    secrets = len(view.secrets)
    sums = [
        (f"{len(shipped):,}", f"layer{'s' * (len(shipped) != 1)} above the base"),
        (amount(view.size), "known in them"),
        (amount(view.wasted), "wasted: hidden by later layers"),
        (f"{secrets:,}", "secret that reaches the image" if secrets == 1 else "secrets that reach the image"),
    ]
    items = "".join(f"<li><strong>{value}</strong>{name}</li>" for value, name in sums)
    yield f'<ul class="sums">{items}</ul>'


def _secrets(view: LayersView) -> Iterator[str]:
    yield "<h2>Secrets on their way</h2>"
    picture = secret_ways(view.secrets)
    yield f'<div class="drawing" tabindex="0" role="group" aria-label="secrets">{picture}</div>'
    for path in view.secrets:
        yield from _way(path)


def _way(path: SecretPath) -> Iterator[str]:
    added, removed = path.arrival.added, path.arrival.removed
    yield f'<h3><span class="path">{text(path.source)}</span> <span class="tag leak">{text(path.kind)}</span></h3>'
    steps = [f"context: {text(path.source)}"]
    for span in (added.origin.place, *added.hops):
        steps.append(f"line {span.start_line}: <code>{text(span.text)}</code>")
    layer = f"layer {path.layer}" if path.layer else "the image"
    steps.append(f'{layer}: <span class="path">{text(added.path)}</span>')
    if removed is not None:
        steps.append(f"hidden by line {removed.place.start_line}, still in the layer")
    yield f'<ol class="way">{"".join(f"<li>{step}</li>" for step in steps)}</ol>'


def _stage(view: StageView) -> Iterator[str]:
    stage = view.stage
    yield f'<h2 id="stage-{stage.index}">Stage {text(view.name)} <span class="tag {view.kind}">{view.role}</span></h2>'
    yield f'<p class="soft">FROM {text(view.base)}</p>'
    if not view.layers:
        yield "<p>It makes no layer of its own.</p>"
        return
    largest = max((layer.size + layer.copied for layer in view.layers), default=0)
    yield '<ol class="layers">'
    for layer in view.layers:
        yield from _layer(layer, largest)
    yield "</ol>"


def _layer(layer: PredictedLayer, largest: int) -> Iterator[str]:
    number = f"{layer.number}. " if layer.number else ""
    size = layer.size + layer.copied
    sizes = amount(size) + (f" and {count(layer.unsized, 'file')} of unknown size" if layer.unsized else "")
    if layer.opaque and not size and not layer.unsized:
        sizes = "size not known"
    yield f'<li><details><summary><span class="size">{sizes}</span>{number}line {layer.instruction.start_line} '
    yield f"<code>{text(layer.text)}</code>{_tags(layer)}{_bar(size, layer.wasted, largest)}</summary>"
    if layer.files:
        yield '<table><thead><tr><th scope="col">file</th><th scope="col" class="size">size</th>'
        yield '<th scope="col">from</th></tr></thead><tbody>'
        yield from map(_file, layer.files[:MOST_FILES])
        yield "</tbody></table>"
    if len(layer.files) > MOST_FILES:
        yield f"<p>and {count(len(layer.files) - MOST_FILES, 'more file')}</p>"
    for word, paths in (("removes", [e.path for e in layer.removed]), ("changes", [e.path for e in layer.changed])):
        if paths:
            shown = ", ".join(f'<span class="path">{text(path)}</span>' for path in paths[:50])
            yield f"<p>{word} {shown}{f' and {len(paths) - 50:,} more' if len(paths) > 50 else ''}</p>"
    for reason in dict.fromkeys(event.reason for event in layer.opaque):
        yield f'<p class="soft">not known: {text(reason)}</p>'
    yield "</details></li>"


def _tags(layer: PredictedLayer) -> str:
    tag = f' <span class="tag waste">{amount(layer.wasted)} wasted</span>' if layer.wasted else ""
    return tag + (' <span class="tag stays">more may happen</span>' if layer.opaque else "")


def _bar(size: int, wasted: int, largest: int) -> str:
    if not largest:
        return ""
    good, bad = (100 * part / largest for part in (size - wasted, wasted))
    return (
        '<span class="bar" aria-hidden="true">'
        f'<span style="width:{good:.2f}%"></span><span class="waste" style="width:{bad:.2f}%"></span></span>'
    )


def _file(line: FileLine) -> str:
    size = amount(line.size) if line.size is not None else "unknown"
    notes = "" if line.added.certain else " <em>perhaps</em>"
    if line.hidden is not None:
        notes += f' <span class="tag waste">{line.hidden.verb} by line {line.hidden.place.start_line}</span>'
    path = text(line.added.path)
    return (
        f'<tr data-path="{path}"><td class="path">{path}{notes}</td><td class="size">{size}</td>'
        f"<td>{text(line.origin)}</td></tr>"
    )
