"""What an image says of findings, for reports that have no place of their own for it.

The verdict is told behind the message. A refuted finding is a hint: no build fails for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.amounts import count
from dfguard.claim import REFUTED, Verdict
from dfguard.finding import Finding, Severity
from dfguard.run import Result, Verification
from dfguard.source import Span

_MOST = 3  # pieces of evidence in a message


def fit(found: Verification) -> Iterator[str]:
    """How the image and the Dockerfile fit, in lines: what the reader must know before any verdict."""
    image = f"image {found.image} ({found.digest[:19]})"
    if not found.belongs:
        if found.target is None:
            yield f"{image} was not built from this Dockerfile"
        else:
            other = f"with --target {found.target}" if found.target else "without --target"
            yield f"{image} was built from another stage: it looks like a build {other}"
    else:
        own = found.layers - found.base_layers
        told = "BuildKit's provenance" if found.by == "provenance" else f"the history ({found.builder})"
        yield f"{image}: {count(own, 'layer')} of this Dockerfile, {found.base_layers} of the base, told by {told}"
    if found.squashed:
        yield "note: layers are squashed: one holds what several instructions did"
    for difference in found.differences:
        yield f"note: {_position(difference.place)}: {difference.message}"
    yield from (f"note: the Dockerfile has no line for a step of the image: {text}" for text in found.unknown)
    yield from (f"warning: the image {problem}" for problem in found.problems)


def with_verdicts(result: Result, *, in_message: bool = True) -> Result:
    """The result with refuted findings as hints, and, unless the report has a field for it, verdicts in messages."""
    return result.but(findings=tuple(_with_verdict(finding, in_message) for finding in result.findings))


def _with_verdict(finding: Finding, in_message: bool) -> Finding:
    verdict = finding.verdict
    if verdict is None:
        return finding
    message = f"{finding.message} [{_told(verdict)}]" if in_message else finding.message
    if not isinstance(finding.place, Span):  # what the image shows is told where it comes from
        blamed = next((each.place for each in finding.related if isinstance(each.place, Span)), finding.place)
        finding = finding.but(place=blamed)
    return finding.but(message=message, severity=Severity.HINT if verdict.kind == REFUTED else finding.severity)


def _told(verdict: Verdict) -> str:
    places = [f"{piece.layer[:19]} {piece.path}".strip() or piece.key for piece in verdict.evidence]
    more = f" and {len(places) - _MOST} more" if len(places) > _MOST else ""
    shown = ", ".join(
        f"{place}: {piece.text}" for place, piece in zip(places[:_MOST], verdict.evidence[:_MOST], strict=True)
    )
    return f"{verdict.kind}: {verdict.reason}" + (f"; {shown}{more}" if shown else "")


def _position(span: Span) -> str:
    source = span.source
    return f"{span.path}:{source.line_of(span.start)}:{source.column_of(span.start)}"
