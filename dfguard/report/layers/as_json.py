"""`dfguard layers --format json`: version 1 of a contract that layers_schema.json beside this file states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dfguard.report.json_report import sayable
from dfguard.report.layers.view import FileLine, LayersView, PredictedLayer, SecretPath, StageView

VERSION = 1

Data = dict[str, Any]


def render(views: Sequence[LayersView]) -> str:
    """The builds as JSON text with a newline at its end."""
    import json

    return json.dumps(sayable({"version": VERSION, "builds": [_build(view) for view in views]}), indent=2) + "\n"


def _build(view: LayersView) -> Data:
    invocation = view.invocation
    return {
        "name": invocation.name,
        "dockerfile": invocation.dockerfile,
        "context": invocation.context,
        "target": invocation.target,
        "stages": [_stage(stage) for stage in view.stages],
        "secrets": [_secret(path) for path in view.secrets],
    }


def _stage(view: StageView) -> Data:
    stage = view.stage
    return {
        "name": view.name,
        "base": view.base,
        "ships": stage.ships,
        "reachable": stage.reachable,
        "target": stage.target,
        "layers": [_layer(layer) for layer in view.layers],
    }


def _layer(layer: PredictedLayer) -> Data:
    return {
        "number": layer.number or None,
        "line": layer.instruction.start_line,
        "instruction": layer.text,
        "size": layer.size,
        "unsized": layer.unsized,
        "wasted": layer.wasted,
        "copied": layer.copied,
        "files": [_file(line) for line in layer.files],
        "removed": [{"path": removed.path, "certain": removed.certain} for removed in layer.removed],
        "changed": [{"path": changed.path, "certain": changed.certain} for changed in layer.changed],
        "opaque": list(dict.fromkeys(event.reason for event in layer.opaque)),
    }


def _file(line: FileLine) -> Data:
    hidden = line.hidden
    return {
        "path": line.added.path,
        "size": line.size,
        "origin": line.origin,
        "certain": line.added.certain,
        "hidden": None if hidden is None else {"verb": hidden.verb, "line": hidden.place.start_line},
    }


def _secret(path: SecretPath) -> Data:
    added, removed = path.arrival.added, path.arrival.removed
    return {
        "source": path.source,
        "kind": path.kind,
        "lines": [span.start_line for span in (added.origin.place, *added.hops)],
        "path": added.path,
        "layer": path.layer,
        "removed": None if removed is None else removed.place.start_line,
    }
