"""`dfguard image --format html`: a layer explorer in one page that needs nothing else and no network.

All facts are one JSON text in the page; explorer.js draws of the folders only those that are open. Names come from
strangers: what could steer a terminal is an escape already, and the script puts texts into the page as texts only.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256
from html import escape as html_escape
from importlib.resources import files
from typing import Any

from dfguard import __version__
from dfguard.amounts import amount, count
from dfguard.finding import Finding
from dfguard.report.cells import escape
from dfguard.report.image.gates import Breach
from dfguard.report.image.summary import Summary
from dfguard.report.image.tree import MOST_PATHS, Columns, columns
from dfguard.report.json_report import sayable
from dfguard.source import ImagePlace, LayerPlace

MOST_WASTE = 1_000  # files in the list of waste; the sums count all
# What would end the script element or mean something in HTML, and line ends that only JavaScript knows.
_IN_HTML = str.maketrans({char: f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})

Data = dict[str, Any]


class Explorer:
    """The page of one image; `left_out` says in a line what did not fit in, "" for nothing."""

    def __init__(
        self,
        summary: Summary,
        findings: Sequence[Finding],
        breaches: Sequence[Breach] = (),
        *,
        hidden: int = 0,
        most: int = MOST_PATHS,
    ) -> None:
        self._summary, self._findings, self._breaches, self._hidden = summary, findings, breaches, hidden
        self._waste = summary.waste[:MOST_WASTE]
        marked = {place.path for finding in findings for place in _in_layers(finding)}
        marked |= {waste.path for waste in self._waste}
        self._columns = columns(summary.view, marked, most)
        self.left_out = _left_out(self._columns)

    def render(self) -> str:
        """The page as HTML text."""
        style, script = _part("explorer.css"), _part("explorer.js")
        title = f"Layers of {_text(self._summary.image.name)}"
        return f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_policy(style, script)}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<a class="skip" href="#tree">Skip to the files</a>
<header>
<h1>{title}</h1>
{self._head()}</header>
<noscript><p class="remark">The script of this page draws layers and files, and does not run here.</p></noscript>
{_BODY}
<script type="application/json" id="image">{_json(self._data())}</script>
<script>{script}</script>
</body>
</html>
"""

    def _head(self) -> str:
        summary = self._summary
        image, score = summary.image, summary.dive
        told = (image.digest or image.config_digest, *image.tags, image.config.platform)
        sums = (
            (amount(image.size), f"in {count(len(image.layers), 'layer')}"),
            (amount(summary.hidden), "wasted: in layers, but no container sees it"),
            (f"{score.efficiency:.1%}", "efficiency by dive's formula"),
            (f"{len(self._findings):,}", "finding" if len(self._findings) == 1 else "findings"),
        )
        items = "".join(f"<li><strong>{value}</strong>{name}</li>" for value, name in sums)
        remarks = [f"failed: {each.name} is {each.found}, the gate is {each.limit}" for each in self._breaches]
        remarks += [*image.problems, *summary.inventory.problems, self.left_out]
        if self._hidden:
            remarks.append(f"{count(self._hidden, 'finding')} of low confidence not shown: --pedantic shows them")
        said = "".join(f'<p class="remark">{_text(remark)}</p>\n' for remark in remarks if remark)
        return (
            f'<p class="soft">{_text(" · ".join(part for part in told if part))} · dfguard {__version__}</p>\n'
            f'<ul class="sums">{items}</ul>\n{said}'
        )

    def _data(self) -> Data:
        summary, places = self._summary, self._columns.places
        return {
            "layers": [
                {
                    "instruction": escape(row.instruction),
                    "digest": escape(row.layer.digest),
                    "base": row.layer.index < (summary.base.layers or 0),
                    **{name: getattr(row, name) for name in ("size", "blob", "hidden", "added", "changed", "removed")},
                }
                for row in summary.rows
            ],
            "tree": self._columns.data(),
            "findings": [self._finding(finding) for finding in self._findings],
            "waste": [
                (escape(waste.path), waste.size, waste.layer, waste.fate, waste.by, places.get(waste.path, 0))
                for waste in self._waste
            ],
            "more_waste": len(summary.waste) - len(self._waste),
        }

    def _finding(self, finding: Finding) -> Data:
        place = finding.place
        layers: list[int] = []
        if isinstance(place, LayerPlace):
            layers = [each.index for each in self._summary.image.layers if each.digest == place.layer]
        return {
            "code": finding.code,
            "name": finding.name,
            "severity": finding.severity.value,
            "message": escape(finding.message),
            "path": escape(place.path) if isinstance(place, LayerPlace) else "",
            "node": self._columns.places.get(place.path, 0) if isinstance(place, LayerPlace) else 0,
            "nodes": sorted({self._columns.places.get(each.path, 0) for each in _in_layers(finding)} - {0}),
            "layers": layers,
            "key": escape(place.key) if isinstance(place, ImagePlace) else "",
        }


def _in_layers(finding: Finding) -> list[LayerPlace]:
    """Its own place and those in the same layer that it speaks of, too."""
    place = finding.place
    if not isinstance(place, LayerPlace):
        return []
    related = (each.place for each in finding.related)
    return [place, *(each for each in related if isinstance(each, LayerPlace) and each.layer == place.layer)]


def _left_out(found: Columns) -> str:
    if not found.left_out:
        return ""
    return (
        f"{found.left_out:,} of {count(found.paths, 'path')} have no row of their own in this page, the smallest ones: "
        "their folders count them"
    )


def _part(name: str) -> str:
    return "\n" + files("dfguard.report.image").joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Nothing may be loaded wherever the page lies, and nothing runs but the page's own script."""
    allowed = " ".join(
        f"{kind}-src 'sha256-{b64encode(sha256(text.encode()).digest()).decode()}';"
        for kind, text in (("style", style), ("script", script))
    )
    return f"default-src 'none'; {allowed} base-uri 'none'; form-action 'none'"


def _text(value: str) -> str:
    return html_escape(escape(value))


def _json(data: Data) -> str:
    """JSON that stays inside its script element, whatever the names in it are."""
    return json.dumps(sayable(data), ensure_ascii=False, separators=(",", ":")).translate(_IN_HTML)


_BODY = """\
<div class="columns">
<div class="side">
<section aria-labelledby="layers-title">
<h2 id="layers-title">Layers</h2>
<div id="layers" role="listbox" aria-labelledby="layers-title" tabindex="0"></div>
<div id="about" class="about"></div>
</section>
<section aria-labelledby="findings-title">
<h2 id="findings-title">Findings</h2>
<ul id="findings" class="list"></ul>
</section>
<section aria-labelledby="waste-title">
<h2 id="waste-title">Wasted</h2>
<ul id="waste" class="list"></ul>
</section>
</div>
<main aria-labelledby="files-title">
<h2 id="files-title">Files</h2>
<form role="search">
<fieldset><legend>Show</legend>
<label><input type="radio" name="view" value="layer"> what this layer did</label>
<label><input type="radio" name="view" value="image" checked> the image as of this layer</label>
</fieldset>
<fieldset><legend>Filter</legend>
<label><input type="checkbox" name="change" value="added" checked> added</label>
<label><input type="checkbox" name="change" value="changed" checked> changed</label>
<label><input type="checkbox" name="change" value="removed" checked> removed</label>
<label><input type="checkbox" name="change" value="same" checked> unchanged</label>
<label><input type="checkbox" name="marked"> with findings only</label>
</fieldset>
<label>Find <input type="search" id="find" autocomplete="off" placeholder="part of a name or path"></label>
<label>Order <select id="order"><option value="name">by name</option><option value="size">by size</option></select>
</label>
</form>
<p id="found" class="soft" role="status"></p>
<div class="heads" aria-hidden="true"><span>name</span><span>size</span><span>mode</span><span>owner</span></div>
<div id="tree" role="tree" aria-labelledby="files-title"></div>
<section id="details" class="about" aria-label="The chosen file"></section>
</main>
</div>"""
