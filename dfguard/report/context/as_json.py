"""`dfguard context` and `dfguard why` for programs; `context_schema.json` and `why_schema.json` state it in full."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dfguard.context.ignore import IgnorePattern
from dfguard.context.tree import ContextFile
from dfguard.report.context.choice import Choice
from dfguard.report.context.story import Step, Story
from dfguard.report.context.view import HIDDEN, SENT, SHIPS, STAGE, ContextView, Weight, weigh
from dfguard.report.json_report import sayable
from dfguard.secrets.names import NamedSecret
from dfguard.source import Span

VERSION = 1

Data = dict[str, Any]


def render_views(views: Iterable[tuple[ContextView, Choice]]) -> str:
    """The contexts of some builds as JSON text with a newline at its end."""
    return _text([_build(view) | _view(view, choice) for view, choice in views])


def render_stories(stories: Iterable[tuple[ContextView, Story]]) -> str:
    """The story of one path in some builds as JSON text with a newline at its end."""
    return _text([_build(view) | {"story": _story(view, story)} for view, story in stories])


def _text(builds: list[Data]) -> str:
    import json

    return json.dumps(sayable({"version": VERSION, "builds": builds}), indent=1) + "\n"


def _build(view: ContextView) -> Data:
    invocation, ignore = view.invocation, view.context.ignore
    return {
        "name": invocation.name,
        "dockerfile": invocation.dockerfile,
        "context": view.context.root,
        "named": view.folder.name if view.folder is not None else None,
        "target": invocation.target,
        "source": invocation.source,
        "ignore_file": {"path": ignore.path, "patterns": len(ignore.patterns)} if ignore.path else None,
        "errors": [
            {"path": e.path, "message": e.message, "line": e.span.start_line if e.span else None, "fatal": e.fatal}
            for e in view.context.errors
        ],
        "stages": [
            {"index": stage.index, "name": stage.name, "needed": stage.reachable, "ships": stage.ships}
            for stage in view.stages
        ],
        "takings": [
            {
                "kind": taking.kind,
                "line": taking.place.start_line,
                "source": taking.source,
                "stage": taking.stage.index,
                **_weight(weigh({entry.path: entry for entry in taking.files}.values())),
            }
            for taking in view.takings
        ],
    }


def _view(view: ContextView, choice: Choice) -> Data:
    dropped = view.context.dropped
    files = [] if choice.dropped else [f for f in view.context.files if choice.takes(view, f)]
    return {
        "summary": {
            "kept": _weight(weigh(view.context.files)),
            "dropped": _weight(weigh(dropped)) | {"not_entered": sum(entry.pruned for entry in dropped)},
            "sent": _weight(weigh(view.files(SENT, STAGE, HIDDEN, SHIPS))),
            "hidden": _weight(weigh(view.files(HIDDEN))),
            "ships": _weight(weigh(view.files(SHIPS))),
        },
        "files": [_file(view, file) for file in files],
        "dropped": [_dropped(entry) for entry in dropped] if choice.stage is None else [],
    }


def _file(view: ContextView, file: ContextFile) -> Data:
    fate = view.fate(file)
    return {
        "path": file.path,
        "kind": file.kind,
        "size": file.size,
        "hollow": file.hollow,
        "pattern": _pattern(file.pattern),
        "takers": list(fate.takers),
        "stages": list(fate.stages),
        "reach": fate.reach,
        "secret": _secret(view.secrets.get(file.path)),
    }


def _dropped(entry: ContextFile) -> Data:
    size = None if entry.pruned else entry.size
    pattern = _pattern(entry.pattern)
    return {"path": entry.path, "kind": entry.kind, "size": size, "entered": not entry.pruned, "pattern": pattern}


def _pattern(pattern: IgnorePattern | None) -> Data | None:
    if pattern is None:
        return None
    return {"path": pattern.span.path, "line": pattern.span.start_line, "text": pattern.span.text}


def _secret(secret: NamedSecret | None) -> Data | None:
    return {"kind": secret.kind, "confidence": secret.confidence.value} if secret else None


def _weight(weight: Weight) -> Data:
    return {"files": weight.files, "size": weight.size}


def _story(view: ContextView, story: Story) -> Data:
    verdict = story.verdict
    reaches: Data = {}
    for fate, number in story.fates.items():
        reaches[fate.reach] = reaches.get(fate.reach, 0) + number
    return {
        "path": story.path,
        "kind": story.kind,
        **_weight(story.weight),
        "verdict": verdict
        and {
            "kept": verdict.kept,
            "pattern": _pattern(verdict.deciding),
            "pruned_by": verdict.pruned_by,
            "skipped": [_pattern(pattern) for pattern in verdict.skipped],
            "remedies": list(verdict.remedies),
            "removing": verdict.removing,
        },
        "takers": list(story.takers),
        "reaches": reaches,
        "steps": [_step(step) for step in story.steps],
        "secrets": [{"path": path, **(_secret(secret) or {})} for path, secret in story.secrets.items()],
        "near": list(story.near),
    }


def _step(step: Step) -> Data:
    def line(span: Span) -> int:
        return span.start_line

    return {
        "stage": step.stage,
        "line": line(step.line),
        "path": step.path,
        "hops": [line(hop) for hop in step.hops],
        "files": step.files,
        "certain": step.certain,
        "left": step.left,
        "removed_by": line(step.removed.place) if step.removed else None,
    }
