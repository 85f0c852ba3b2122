"""The `rdjson` report: one DiagnosticResult of reviewdog, with the best fix of each finding as a suggestion.

Columns count from 1 in bytes of UTF-8, ends are exclusive. reviewdog cuts the lines of the file as it lies there,
so a BOM counts its three bytes.
Source: https://github.com/reviewdog/reviewdog/tree/master/proto/rdf
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dfguard.edit import Fix
from dfguard.finding import Finding
from dfguard.report.json_report import sayable
from dfguard.report.levels import REVIEWDOG
from dfguard.report.replacement import merged
from dfguard.report.secrecy import Secrecy
from dfguard.run import Result
from dfguard.source import Place, Source, Span

Data = dict[str, Any]


def render(result: Result) -> str:
    """The report as JSON text with a newline at its end."""
    import json

    data = {"source": {"name": "dfguard"}, "diagnostics": list(diagnostics(result))}
    return json.dumps(sayable(data), indent=2) + "\n"


def diagnostics(result: Result) -> Iterator[Data]:
    """The findings that have a place in a text or in an image; what could not be checked is told first."""
    for error in result.errors:
        yield {"message": error.message, "location": {"path": error.path}, "severity": "ERROR"}
    secrecy = Secrecy(result.findings)
    for finding in result.findings:
        yield _diagnostic(finding, secrecy)


def _diagnostic(finding: Finding, secrecy: Secrecy) -> Data:
    related = [{"message": each.message, "location": _location(each.place)} for each in finding.related]
    suggestions = [told for fix in finding.fixes for told in _suggestion(fix, secrecy)][:1]
    return {
        "message": f"{finding.name}: {finding.message}",
        "location": _location(finding.place),
        "severity": REVIEWDOG[finding.severity],
        "source": {"name": "dfguard"},
        "code": {"value": finding.code},
        **({"suggestions": suggestions} if suggestions else {}),
        **({"related_locations": related} if related else {}),
    }


def _suggestion(fix: Fix, secrecy: Secrecy) -> Iterator[Data]:
    """A fix as one replacement; none for a fix over several files, or one whose text can't be told."""
    edit = merged(fix)
    if edit is None or not secrecy.may_leave(Fix(fix.title, fix.kind, (edit,))):
        return
    if len(fix.edits) == 1 or not secrecy.shows(edit.span):
        yield {"range": _range(edit.span), "text": edit.text}


def _location(place: Place) -> Data:
    if isinstance(place, Span):
        return {"path": place.path, "range": _range(place)}
    return {"path": place.image}


def _range(span: Span) -> Data:
    return {"start": _position(span.source, span.start), "end": _position(span.source, span.end)}


def _position(source: Source, offset: int) -> Data:
    line = source.line_of(offset)
    before = source.text[source.line_starts[line - 1] : offset]
    return {"line": line, "column": len(before.encode("utf-8", "surrogateescape")) + 1}
