"""What an image says of findings, for reports that have no place of their own for it.

The verdict is told behind the message. A refuted finding is a hint: no build fails for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.amounts import count
from dfguard.claim import REFUTED, Evidence, Verdict
from dfguard.finding import Finding, Severity
from dfguard.run import Result, Verification
from dfguard.source import ImagePlace, LayerPlace, Place, Span

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
    if not isinstance(finding.place, Span):  # what the image shows is told where it comes from
        blamed = next((each.place for each in finding.related if isinstance(each.place, Span)), finding.place)
        verdict = verdict.but(evidence=verdict.evidence or (_where(finding.place),))
        finding = finding.but(place=blamed, verdict=verdict)
    message = f"{finding.message} [{_told(verdict)}]" if in_message else finding.message
    return finding.but(message=message, severity=Severity.HINT if verdict.kind == REFUTED else finding.severity)


def _where(place: Place) -> Evidence:
    layer, path = (place.layer, place.path) if isinstance(place, LayerPlace) else ("", "")
    return Evidence("it is there", layer, path, place.key if isinstance(place, ImagePlace) else "")


def _told(verdict: Verdict) -> str:
    more = f" and {len(verdict.evidence) - _MOST} more" if len(verdict.evidence) > _MOST else ""
    pieces = ", ".join(map(shown, verdict.evidence[:_MOST]))
    return f"{verdict.kind}: {verdict.reason}" + (f"; {pieces}{more}" if pieces else "")


def shown(piece: Evidence) -> str:
    """A piece of evidence in a line: where, and what is there."""
    return f"{f'{piece.layer[:19]} {piece.path}'.strip() or piece.key}: {piece.text}"


def _position(span: Span) -> str:
    source = span.source
    return f"{span.path}:{source.line_of(span.start)}:{source.column_of(span.start)}"
