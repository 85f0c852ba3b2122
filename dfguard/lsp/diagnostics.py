"""Findings, and what went wrong, as diagnostics."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from lsprotocol import types

from dfguard.cli.main import printable
from dfguard.finding import Confidence, Finding, Severity
from dfguard.lsp.client import Client
from dfguard.lsp.pages import rule_url
from dfguard.lsp.positions import Ruler
from dfguard.run import RunError
from dfguard.source import Source, Span

SOURCE = "dfguard"
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
    Severity.HINT: types.DiagnosticSeverity.Hint,
}
_UNNECESSARY = frozenset("DG213 DG214 DG215 DG216 DG306 DG703 DG707 DG708 DG730 DG735 DG736 DG802".split())
_DEPRECATED = frozenset(("DG750",))
_LINE = re.compile(r"line (\d+): ")


class Teller:
    """Tells findings to one client; `uri_of` gives the address of a path, `tops` are folders that need no mention."""

    def __init__(self, client: Client, ruler: Ruler, uri_of: Callable[[str], str], tops: Iterable[str] = ()) -> None:
        folders = {each: None for top in tops for each in (os.path.abspath(top), os.path.realpath(top))}
        self.tops = tuple(sorted(folders, key=len, reverse=True))
        self.client = client
        self.ruler = ruler
        self.uri_of = uri_of

    def diagnostics(self, findings: Iterable[Finding]) -> list[types.Diagnostic]:
        """What is to be shown in one file."""
        return [self.diagnostic(each, each.place) for each in findings if isinstance(each.place, Span)]

    def diagnostic(self, finding: Finding, place: Span) -> types.Diagnostic:
        """A finding at a place."""
        client = self.client
        return types.Diagnostic(
            self.ruler.range(_telling(place)),
            self.short(sentence(finding)),
            _SEVERITIES[finding.severity],
            finding.code,
            types.CodeDescription(rule_url(finding.code)) if client.code_description else None,
            SOURCE,
            tags_of(finding, client) or None,
            list(self._related(finding)) or None if client.related else None,
            identity(finding) if client.data else None,
        )

    def short(self, text: str) -> str:
        """A text with paths as the command line tells them in the folder of the workspace."""
        for top in self.tops:
            text = text.replace(os.path.join(top, ""), "")
        return text

    def folder(self, path: str, near: str) -> str:
        """A folder as seen from the one of the workspace that it lies in, else from the folder of the file `near`."""
        real = os.path.abspath(path)
        around = (top for top in self.tops if real == top or real.startswith(os.path.join(top, "")))
        return printable(os.path.relpath(real, next(around, os.path.dirname(os.path.abspath(near)))))

    def _related(self, finding: Finding) -> Iterator[types.DiagnosticRelatedInformation]:
        for related in finding.related:
            if isinstance(related.place, Span) and os_path(related.place):
                where = types.Location(self.uri_of(related.place.path), self.ruler.range(related.place))
                yield types.DiagnosticRelatedInformation(where, self.short(printable(related.message)))

    def error(self, error: RunError, source: Source) -> types.Diagnostic:
        """What went wrong with a file, at the line that it names."""
        match = _LINE.match(error.message)
        line = min(int(match[1]), len(source.line_starts)) if match else 1
        start = source.line_starts[line - 1]
        place = source.span(start, start + len(source.line_text(line)))
        text = error.message[match.end() :] if match else error.message
        return types.Diagnostic(
            self.ruler.range(place), self.short(printable(text)), types.DiagnosticSeverity.Error, source=SOURCE
        )


def os_path(place: Span) -> bool:
    """Whether a place lies in a file."""
    return bool(place.path) and not place.path.startswith("<")


def _telling(place: Span) -> Span:
    """The place to underline: of a text over many lines the first one, so that a screen is not all waves."""
    text = place.text
    end = text.find("\n")
    if end <= 0 or not text[:end].strip():
        return place
    return place.sub(0, len(text[:end].rstrip()))


def sentence(finding: Finding) -> str:
    """What a finding says, with the builds that it holds in if there are others."""
    low = " (low confidence)" if finding.confidence is Confidence.LOW else ""
    builds = f" [in {', '.join(finding.builds)}]" if finding.not_in else ""
    return printable(finding.message) + low + printable(builds)


def identity(finding: Finding) -> dict[str, Any]:
    """What tells a finding from others while its text does not change."""
    place = finding.place
    assert isinstance(place, Span)
    return {"code": finding.code, "start": place.start, "end": place.end, "message": printable(finding.message)}


def tags_of(finding: Finding, client: Client) -> list[types.DiagnosticTag]:
    """How an editor may draw a finding: pale what does nothing, struck out what the builder calls deprecated."""
    tags = []
    if finding.code in _UNNECESSARY:
        tags.append(types.DiagnosticTag.Unnecessary)
    if finding.code in _DEPRECATED:
        tags.append(types.DiagnosticTag.Deprecated)
    return [tag for tag in tags if tag in client.tags]
