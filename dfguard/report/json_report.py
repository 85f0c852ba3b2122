"""The `json` report: version 1 of a contract that `schema.json` beside this file states in full.

Lines and columns count from 1, columns count characters, ends are exclusive. The text is plain
ASCII, so it is valid UTF-8 in every locale; a byte of a path or message that is not UTF-8, and so
can't be said in JSON, reads U+FFFD. A fix whose edits hold such bytes or a secret is left out: it
applies wholly or not at all, and a report prints no secret.
"""

from __future__ import annotations

from typing import Any

from dfguard.claim import Verdict
from dfguard.claim import to_json as claim_to_json
from dfguard.edit import Edit, Fix
from dfguard.finding import Finding
from dfguard.masking import masked
from dfguard.report.mask import mask_secrets
from dfguard.run import Repair, Result, Verification
from dfguard.source import ImagePlace, LayerPlace, Place, Source
from dfguard.struct import Struct

VERSION = 1

Data = dict[str, Any]


def render(result: Result) -> str:
    """The report as JSON text with a newline at its end."""
    import json

    data = {
        "version": VERSION,
        "findings": [finding_data(finding) for finding in result.findings],
        "not_run": [_fields(entry, "code", "path", "why") for entry in result.not_run],
        "errors": [_fields(entry, "path", "message") for entry in result.errors],
        "files": list(result.files),
        "skipped": [_fields(entry, "path", "reason", "detail") for entry in result.skipped],
        "builds": [_fields(build, "name", "dockerfile", "context", "target", "source") for build in result.builds],
    }
    if result.known:
        data["known"] = result.known
    if result.fixed:
        data["fixed"] = [_repair(repair) for repair in result.fixed]
    if result.verification is not None:
        data["verification"] = _verification(result.verification)
    return json.dumps(sayable(data), indent=2) + "\n"


def _repair(repair: Repair) -> Data:
    notes = {"notes": list(repair.notes)} if repair.notes else {}
    return {**_fields(repair, "path", "line", "code", "name", "title"), "class": repair.kind, **notes}


def _fields(record: Struct, *names: str) -> Data:
    return {name: getattr(record, name) for name in names}


def finding_data(finding: Finding) -> Data:
    """One finding as plain data."""
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "message": finding.message,
        **_place(finding.place),
        "related": [{"message": related.message, **_place(related.place)} for related in finding.related],
        "peers": list(finding.peers),
        "fixes": [_fix(fix) for fix in finding.fixes if _can_be_told(fix)],
        "claim": None if finding.claim is None else _with_masked_paths(claim_to_json(finding.claim)),
        "builds": list(finding.builds),
        **({} if finding.verdict is None else {"verdict": _verdict(finding.verdict)}),
    }


def _with_masked_paths(data: Any) -> Any:
    """A claim, whose paths may hold what a variable brought into them."""
    if isinstance(data, dict):
        return {
            name: masked(each) if name == "path" and isinstance(each, str) else _with_masked_paths(each)
            for name, each in data.items()
        }
    return [_with_masked_paths(each) for each in data] if isinstance(data, list) else data


def _verdict(verdict: Verdict) -> Data:
    evidence = [_with_masked_paths(_fields(piece, "text", "layer", "path", "key")) for piece in verdict.evidence]
    return {"kind": verdict.kind, "reason": verdict.reason, "evidence": evidence}


def _verification(found: Verification) -> Data:
    differences = [{"message": each.message, **_place(each.place)} for each in found.differences]
    names = ("image", "digest", "belongs", "builder", "by", "layers", "base_layers", "squashed", "target")
    lists = {"differences": differences, "unknown": list(found.unknown), "problems": list(found.problems)}
    return {**_fields(found, *names), **lists}


def _place(place: Place) -> Data:
    if isinstance(place, LayerPlace):
        return {"location": {"kind": "layer", **_fields(place, "image", "layer", "path")}}
    if isinstance(place, ImagePlace):
        return {"location": {"kind": "image", **_fields(place, "image", "key")}}
    return {
        "path": place.path,
        "location": {"kind": "text"},
        "start": _position(place.source, place.start),
        "end": _position(place.source, place.end),
    }


def _position(source: Source, offset: int) -> Data:
    return {"line": source.line_of(offset), "column": source.column_of(offset)}


def _fix(fix: Fix) -> Data:
    told: Data = {"title": fix.title, "class": fix.kind, "edits": [_edit(edit) for edit in fix.edits]}
    if fix.assumptions:
        told["assumptions"] = list(fix.assumptions)
    if fix.build_options:
        told["build_options"] = list(fix.build_options)
    return told


def _edit(edit: Edit) -> Data:
    place = _place(edit.span)
    return {"path": place["path"], "start": place["start"], "end": place["end"], "text": edit.text}


def _can_be_told(fix: Fix) -> bool:
    return all(sayable(edit.text) == edit.text == mask_secrets(edit.text) for edit in fix.edits)


def sayable(data: Any) -> Any:
    """`data` with U+FFFD for each surrogate: lone ones are no Unicode text, and strict readers refuse them."""
    if isinstance(data, str):
        return data if data.isascii() else "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in data)
    if isinstance(data, list):
        return [sayable(part) for part in data]
    if isinstance(data, dict):
        return {key: sayable(value) for key, value in data.items()}
    return data
