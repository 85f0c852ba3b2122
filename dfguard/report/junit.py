"""The `junit` report: one suite a file, one failed case a finding, one case that passes for a clean file."""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.finding import Finding
from dfguard.report.xml_text import xml_text
from dfguard.run import Result, RunError
from dfguard.source import Span

Case = Finding | RunError


def render(result: Result) -> str:
    """The report as XML; paths are as they were named."""
    files: dict[str, list[Case]] = {path: [] for path in result.files}
    for error in result.errors:
        files.setdefault(error.path, []).append(error)
    for finding in result.findings:
        place = finding.place
        files.setdefault(place.path if isinstance(place, Span) else place.image, []).append(finding)
    return "".join(f"{line}\n" for line in _lines(files))


def _lines(files: dict[str, list[Case]]) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    clean = sum(not cases for cases in files.values())
    yield f'<testsuites name="dfguard" {_counts([case for cases in files.values() for case in cases], clean)}>'
    for path, cases in files.items():
        yield f'<testsuite name="{xml_text(path)}" {_counts(cases, int(not cases))}>'
        for case in cases:
            yield from _case(path, case)
        if not cases:
            yield f'<testcase name="no findings" classname="{xml_text(path)}"/>'
        yield "</testsuite>"
    yield "</testsuites>"


def _counts(cases: list[Case], clean: int) -> str:
    errors = sum(isinstance(case, RunError) for case in cases)
    return f'tests="{len(cases) + clean}" failures="{len(cases) - errors}" errors="{errors}"'


def _case(path: str, case: Case) -> Iterator[str]:
    if isinstance(case, RunError):
        yield f'<testcase name="checked" classname="{xml_text(path)}">'
        yield f'<error message="{xml_text(case.message)}"/></testcase>'
        return
    place = case.place
    line = place.start_line if isinstance(place, Span) else 0
    where = f"{xml_text(path)}:{line}" if line else xml_text(path)
    yield f'<testcase name="{case.code} {case.name} at {where}" classname="{xml_text(path)}">'
    yield f'<failure type="{case.severity.value}" message="{xml_text(case.message)}">{where}</failure></testcase>'
