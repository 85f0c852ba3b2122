"""Order of findings and the precedence of exit codes."""

from __future__ import annotations

import itertools

import pytest

from dfguard.finding import Confidence, Finding, Severity
from dfguard.run import Result, RunError, exit_code, in_order
from dfguard.source import ImagePlace, LayerPlace, Place, Source


def finding(
    place: Place,
    code: str = "DG101",
    severity: Severity = Severity.WARNING,
    confidence: Confidence = Confidence.HIGH,
    message: str = "said",
) -> Finding:
    return Finding(code, "a-name", severity, confidence, message, place)


A = Source("a/Dockerfile", "FROM scratch\nCOPY . .\n")
B = Source("b/Dockerfile", "FROM scratch\n")


def test_findings_are_in_order_of_path_place_code_and_message_whatever_the_order_of_the_rules() -> None:
    wanted = (
        finding(A.span(0, 4)),
        finding(A.span(0, 12)),
        finding(A.span(13, 17), "DG101", message="one"),
        finding(A.span(13, 17), "DG101", message="two"),
        finding(A.span(13, 17), "DG410"),
        finding(B.span(0, 4), "DG001"),
        finding(LayerPlace("app", "sha256:1", "/a")),
        finding(LayerPlace("app", "sha256:1", "/b")),
        finding(ImagePlace("app", "config.User")),
    )
    for shuffled in itertools.islice(itertools.permutations(wanted), 0, 362880, 9973):
        assert in_order(shuffled) == wanted


BAD = finding(A.span(0, 4))
REFUSED = RunError("a", "holds a NUL byte", 4)
CRASHED = RunError("a", "DG101 crashed", 2)


@pytest.mark.parametrize(
    ("findings", "errors", "nothing_found", "expected"),
    [
        ((), (), False, 0),
        ((), (), True, 3),
        ((BAD,), (), False, 1),
        ((BAD,), (), True, 1),
        ((BAD,), (REFUSED,), False, 4),
        ((), (REFUSED,), True, 4),
        ((BAD,), (REFUSED, CRASHED), True, 2),
    ],
)
def test_the_worst_outcome_decides_the_exit_code(
    findings: tuple[Finding, ...], errors: tuple[RunError, ...], nothing_found: bool, expected: int
) -> None:
    result = Result(findings, errors=errors)
    code = exit_code(result, fail_on=Severity.WARNING, min_confidence=Confidence.MEDIUM, nothing_found=nothing_found)
    assert code == expected


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("confidence", Confidence)
@pytest.mark.parametrize("fail_on", Severity)
@pytest.mark.parametrize("least", Confidence)
def test_both_thresholds_include_their_own_value(
    severity: Severity, confidence: Confidence, fail_on: Severity, least: Confidence
) -> None:
    result = Result((finding(A.span(0, 4), severity=severity, confidence=confidence),))
    expected = int(severity.rank <= fail_on.rank and confidence.rank <= least.rank)
    assert exit_code(result, fail_on=fail_on, min_confidence=least, nothing_found=False) == expected
