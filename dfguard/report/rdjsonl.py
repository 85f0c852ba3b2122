"""The `rdjsonl` report: the diagnostics of `rdjson`, one a line."""

from __future__ import annotations

from dfguard.report.json_report import sayable
from dfguard.report.rdjson import diagnostics
from dfguard.run import Result


def render(result: Result) -> str:
    """The report as lines of JSON."""
    import json

    return "".join(f"{json.dumps(sayable(each))}\n" for each in diagnostics(result))
