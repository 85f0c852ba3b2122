"""The `checkstyle` report, which Jenkins and many others read."""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.finding import Finding
from dfguard.report.levels import CHECKSTYLE
from dfguard.report.xml_text import xml_text
from dfguard.run import Result
from dfguard.source import Span


def render(result: Result) -> str:
    """The report as XML; every file that was checked is in it, paths are as they were named."""
    files: dict[str, list[str]] = {path: [] for path in result.files}
    for error in result.errors:
        files.setdefault(error.path, []).append(_error(1, 1, "error", error.message, "dfguard"))
    for finding in result.findings:
        place = finding.place
        path = place.path if isinstance(place, Span) else place.image
        files.setdefault(path, []).append(_finding(finding))
    return "".join(f"{line}\n" for line in _lines(files))


def _lines(files: dict[str, list[str]]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<checkstyle version="4.3">'
    for path, errors in files.items():
        yield f'<file name="{xml_text(path)}">'
        yield from errors
        yield "</file>"
    yield "</checkstyle>"


def _finding(finding: Finding) -> str:
    place = finding.place
    line, column = 1, 1
    if isinstance(place, Span):
        line, column = place.start_line, place.source.column_of(place.start)
    return _error(line, column, CHECKSTYLE[finding.severity], f"{finding.name}: {finding.message}", finding.code)


def _error(line: int, column: int, severity: str, message: str, source: str) -> str:
    told = f'severity="{severity}" message="{xml_text(message)}" source="{source}"'
    return f'<error line="{line}" column="{column}" {told}/>'
