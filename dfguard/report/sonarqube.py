"""The `sonarqube` report: generic issues for SonarQube and SonarCloud.

Source: https://docs.sonarsource.com/sonarqube-server/analyzing-source-code/importing-external-issues/
"""

from __future__ import annotations

from typing import Any

from dfguard.finding import Finding, Related
from dfguard.report.json_report import sayable
from dfguard.report.levels import SONARQUBE
from dfguard.report.paths import FromTop
from dfguard.run import Result
from dfguard.source import Span

_SECRETS = "DG1"


def render(result: Result) -> str:
    """The report as JSON text with a newline at its end; places in an image have no file and are left out."""
    import json

    path = FromTop()
    issues = [_issue(finding, path) for finding in result.findings if isinstance(finding.place, Span)]
    return json.dumps(sayable({"issues": issues}), indent=2) + "\n"


def _issue(finding: Finding, path: FromTop) -> dict[str, Any]:
    assert isinstance(finding.place, Span)
    return {
        "engineId": "dfguard",
        "ruleId": finding.code,
        "severity": SONARQUBE[finding.severity],
        "type": "VULNERABILITY" if finding.code.startswith(_SECRETS) else "CODE_SMELL",
        "primaryLocation": _location(finding.place, f"{finding.name}: {finding.message}", path),
        "secondaryLocations": [_second(each, path) for each in finding.related if isinstance(each.place, Span)],
    }


def _second(related: Related, path: FromTop) -> dict[str, Any]:
    assert isinstance(related.place, Span)
    return _location(related.place, related.message, path)


def _location(place: Span, message: str, path: FromTop) -> dict[str, Any]:
    source, last = place.source, place.end_line
    lines: dict[str, int] = {"startLine": place.start_line, "endLine": last}
    end = min(place.end, source.offset_of(last, len(source.line_text(last)) + 1))
    columns = source.utf16_column_of(place.start), source.utf16_column_of(end)
    if (place.start_line, columns[0]) < (last, columns[1]):  # an empty range is refused, and one behind its line
        lines |= {"startColumn": columns[0], "endColumn": columns[1]}
    return {"message": message, "filePath": path(place.path), "textRange": lines}
