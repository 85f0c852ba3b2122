"""The `gitlab` report: Code Quality, which merge requests show; fingerprints outlive moved lines.

Source: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

from typing import Any

from dfguard.report.fingerprint import fingerprints
from dfguard.report.json_report import sayable
from dfguard.report.levels import GITLAB
from dfguard.report.paths import FromTop
from dfguard.report.secrecy import Secrecy
from dfguard.run import Result
from dfguard.source import Place, Span


def render(result: Result) -> str:
    """The report as JSON text with a newline at its end; the findings, as the format has nothing else."""
    import json

    path = FromTop()
    marks = fingerprints(result.findings, Secrecy(result.findings), path)
    issues = [
        {
            "description": f"{finding.name}: {finding.message}",
            "check_name": finding.code,
            "fingerprint": mark,
            "severity": GITLAB[finding.severity],
            "location": _location(finding.place, path),
        }
        for finding, mark in zip(result.findings, marks, strict=True)
    ]
    return json.dumps(sayable(issues), indent=2) + "\n"


def _location(place: Place, path: FromTop) -> dict[str, Any]:
    if isinstance(place, Span):
        return {"path": path(place.path), "lines": {"begin": place.start_line, "end": place.end_line}}
    return {"path": place.image, "lines": {"begin": 1}}
