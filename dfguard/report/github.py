"""The `github` report: workflow commands, which GitHub Actions shows as annotations on lines.

Source: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.finding import Finding
from dfguard.report.levels import GITHUB
from dfguard.report.paths import FromTop
from dfguard.run import Result
from dfguard.source import Place, Span

_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = {**_DATA, ":": "%3A", ",": "%2C"}


def render(result: Result) -> str:
    """One command a line: errors of the run, then findings."""
    path = FromTop()
    errors = (_command("error", {"file": path(error.path)}, error.message) for error in result.errors)
    return "".join(f"{line}\n" for line in (*errors, *_findings(result, path)))


def _findings(result: Result, path: FromTop) -> Iterator[str]:
    for finding in result.findings:
        properties = {**_place(finding.place, path), "title": f"{finding.code} {finding.name}"}
        yield _command(GITHUB[finding.severity], properties, _message(finding))


def _message(finding: Finding) -> str:
    mended = f" (fix: {finding.fixes[0].title})" if finding.fixes else ""
    return f"{finding.message}{mended}"


def _place(place: Place, path: FromTop) -> dict[str, str]:
    if not isinstance(place, Span):
        return {}
    source = place.source
    lines = {"file": path(place.path), "line": f"{place.start_line}", "endLine": f"{place.end_line}"}
    if place.start_line != place.end_line or source.line_of(place.end) != place.end_line:
        return lines  # columns are for places on one line only
    return {**lines, "col": f"{source.column_of(place.start)}", "endColumn": f"{source.column_of(place.end)}"}


def _command(level: str, properties: dict[str, str], message: str) -> str:
    told = ",".join(f"{name}={_escaped(value, _PROPERTY)}" for name, value in properties.items())
    return f"::{level} {told}::{_escaped(message, _DATA)}"


def _escaped(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(character, character) for character in text)
