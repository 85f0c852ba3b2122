"""The `sarif` report: SARIF 2.1.0 as GitHub code scanning takes it.

Of fixes GitHub shows none; editors do. Columns count UTF-16 code units, a BOM has no width.
Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html and
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from dfguard import __version__, catalog
from dfguard.catalog import Entry
from dfguard.edit import Edit, Fix
from dfguard.finding import Confidence, Finding, Related, Severity
from dfguard.report.fingerprint import fingerprints
from dfguard.report.json_report import sayable
from dfguard.report.paths import FromTop
from dfguard.report.secrecy import Secrecy
from dfguard.report.verdicts import shown
from dfguard.run import ALL_RULES, NotRun, Result, RunError
from dfguard.source import BOM, ImagePlace, LayerPlace, Place, Source, Span

Data = dict[str, Any]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note", Severity.HINT: "note"}
_PROBLEMS = {"error": "error", "warning": "warning", "note": "recommendation"}
# What a secret that leaks, or a container with more rights than it needs, is worth on the scale of CVSS.
_SECURITY = {
    "secrets": {Severity.ERROR: "8.0", Severity.WARNING: "6.0"},
    "hardening": {Severity.ERROR: "7.0", Severity.WARNING: "5.0"},
}
_OF_IMAGES = {"DG901", "DG902", "DG903"}
_LEAST = "3.0"
_MOST_PLACES = 100  # that GitHub shows of one result
_MOST_TEXT = 1024


def render(result: Result) -> str:
    """The report as JSON text with a newline at its end."""
    import json

    return json.dumps(sayable(sarif(result)), indent=2) + "\n"


def sarif(result: Result) -> Data:
    """The report as plain data."""
    codes = sorted({finding.code for finding in result.findings})
    known = {entry.code: entry for entry in catalog.entries()}
    secrecy, path = Secrecy(result.findings), FromTop()
    writer = _Writer(secrecy, path, codes)
    marks = fingerprints(result.findings, secrecy, path)
    driver = {
        "name": "dfguard",
        "semanticVersion": __version__,
        "rules": [_rule(known[code], result.findings) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "invocations": [writer.invocation(result)],
        "results": [writer.result(each, mark) for each, mark in zip(result.findings, marks, strict=True)],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(entry: Entry, findings: Sequence[Finding]) -> Data:
    page = catalog.page(entry).rstrip()
    level = _LEVELS[entry.severity]
    surest = min((f.confidence for f in findings if f.code == entry.code), key=lambda confidence: confidence.rank)
    folder = entry.module.partition(".")[0]
    security = _SECURITY.get("secrets" if entry.code in _OF_IMAGES else folder)
    properties: Data = {
        "tags": [folder, *(["security"] if security else [])],
        "precision": {Confidence.HIGH: "high", Confidence.MEDIUM: "medium", Confidence.LOW: "low"}[surest],
        "problem.severity": _PROBLEMS[level],
        **({} if security is None else {"security-severity": security.get(entry.severity, _LEAST)}),
    }
    return {
        "id": entry.code,
        "name": entry.name,
        "shortDescription": {"text": entry.title[:_MOST_TEXT]},
        "fullDescription": {"text": _second(page, entry.title)[:_MOST_TEXT]},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": level},
        "properties": properties,
    }


def _second(page: str, title: str) -> str:
    """The first paragraph of a page behind its title, if it is one of prose."""
    parts = [part for part in page.split("\n\n") if part.strip()]
    prose = parts[1] if len(parts) > 1 and not parts[1].startswith("```") else title
    return " ".join(prose.split())


class _Writer:
    """Builds the parts of one report."""

    def __init__(self, secrecy: Secrecy, path: FromTop, codes: Sequence[str]) -> None:
        self._secrecy = secrecy
        self._path = path
        self._index = {code: index for index, code in enumerate(codes)}

    def result(self, finding: Finding, mark: str) -> Data:
        """One finding."""
        fixes = [self._fix(fix) for fix in finding.fixes if self._can_be_told(fix)]
        related = finding.related[:_MOST_PLACES]
        more = {
            "relatedLocations": [self._related(number, each) for number, each in enumerate(related, 1)],
            "fixes": fixes,
        }
        return {
            "ruleId": finding.code,
            "ruleIndex": self._index[finding.code],
            "level": _LEVELS[finding.severity],
            "message": {"text": finding.message},
            "locations": [self._location(finding.place)],
            "partialFingerprints": {"primaryLocationLineHash": mark},
            **{name: values for name, values in more.items() if values},
            "properties": _properties(finding),
        }

    def _related(self, number: int, related: Related) -> Data:
        return {"id": number, **self._location(related.place), "message": {"text": related.message}}

    def _location(self, place: Place) -> Data:
        if isinstance(place, Span):
            where = {"artifactLocation": self._artifact(place.path), "region": _region(place)}
            return {"physicalLocation": where}
        # GitHub refuses a result without a file and a line: the path in the image stands for it.
        inner = place.path.lstrip("/") if isinstance(place, LayerPlace) else ""
        uri = {"uri": _quoted(inner or place.image.replace(":", "/"))}
        return {
            "physicalLocation": {"artifactLocation": uri, "region": {"startLine": 1}},
            "logicalLocations": [_logical(place)],
        }

    def _artifact(self, path: str) -> Data:
        return {"uri": _quoted(self._path(path))}

    def _can_be_told(self, fix: Fix) -> bool:
        return bool(fix.edits) and self._secrecy.may_leave(fix) and not any(_touches_bom(edit) for edit in fix.edits)

    def _fix(self, fix: Fix) -> Data:
        by_path: dict[str, list[Edit]] = {}
        for edit in sorted(dict.fromkeys(fix.edits), key=lambda edit: (edit.span.path, edit.span.start, edit.span.end)):
            by_path.setdefault(edit.span.path, []).append(edit)
        changes = [
            {"artifactLocation": self._artifact(path), "replacements": [_replacement(edit) for edit in edits]}
            for path, edits in by_path.items()
        ]
        return {"description": {"text": f"{fix.title} [{fix.kind}]"}, "artifactChanges": changes}

    def invocation(self, result: Result) -> Data:
        """How the run went: what was not checked, and what went wrong."""
        told = [*(self._error(error) for error in result.errors), *map(_note, result.notes)]
        skipped = [*(self._not_run(entry) for entry in result.not_run)]
        return {
            "executionSuccessful": not result.errors,
            **({"toolExecutionNotifications": told} if told else {}),
            **({"toolConfigurationNotifications": skipped} if skipped else {}),
        }

    def _error(self, error: RunError) -> Data:
        where = {"physicalLocation": {"artifactLocation": self._artifact(error.path)}}
        return {"level": "error", "message": {"text": error.message}, "locations": [where]}

    def _not_run(self, entry: NotRun) -> Data:
        what = "no rule run" if entry.code == ALL_RULES else f"{entry.code} not run"
        where = {"physicalLocation": {"artifactLocation": self._artifact(entry.path)}}
        rule = {} if entry.code == ALL_RULES else {"associatedRule": {"id": entry.code}}
        return {"level": "note", "message": {"text": f"{what}: {entry.why}"}, "locations": [where], **rule}


def _note(text: str) -> Data:
    return {"level": "note", "message": {"text": text}}


def _logical(place: LayerPlace | ImagePlace) -> Data:
    if isinstance(place, LayerPlace):
        return {"name": place.path or place.layer, "fullyQualifiedName": f"{place.image}/{place.layer}{place.path}"}
    return {"name": place.key or place.image, "fullyQualifiedName": f"{place.image}/{place.key}"}


def _quoted(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"))


def _region(span: Span) -> Data:
    start, end = _position(span.source, span.start), _position(span.source, span.end)
    return {"startLine": start[0], "startColumn": start[1], "endLine": end[0], "endColumn": end[1]}


def _position(source: Source, offset: int) -> tuple[int, int]:
    return source.line_of(offset), source.utf16_column_of(offset) + 1


def _touches_bom(edit: Edit) -> bool:
    return edit.span.start == 0 and edit.span.source.text.startswith(BOM)


def _replacement(edit: Edit) -> Data:
    return {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}


def _properties(finding: Finding) -> Data:
    verdict = finding.verdict
    evidence: Iterator[str] = iter(()) if verdict is None else map(shown, verdict.evidence)
    return {
        "confidence": finding.confidence.value,
        **({"builds": list(finding.builds)} if finding.builds else {}),
        **({"peers": list(finding.peers)} if finding.peers else {}),
        **(
            {}
            if verdict is None
            else {"verdict": verdict.kind, "verdictReason": verdict.reason, "verdictEvidence": list(evidence)}
        ),
    }
