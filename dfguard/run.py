"""What a run gives: findings, what could not be checked, and the exit code that follows from both.

Plain data, built by the engine and read by every report.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dfguard.errors import EXIT_CLEAN, EXIT_FINDINGS, EXIT_NOTHING_TO_CHECK, EXIT_SYNTAX, EXIT_USAGE
from dfguard.finding import Confidence, Finding, Severity
from dfguard.source import ImagePlace, LayerPlace, Place, Span
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.changes import Changes

ALL_RULES = "all"


class NotRun(Struct):
    """A rule that did not look at a file: `code` (or `all`), the file's `path`, and `why` in a few words.

    `why` reads behind a colon ("no build context"), so that equal reasons can be told together.
    """

    code: str
    path: str
    why: str


class RunError(Struct):
    """A file that could not be checked, or a rule that crashed on it: `message` is one line without the path."""

    path: str
    message: str
    exit_code: int = EXIT_USAGE


class Skipped(Struct):
    """A file that was not looked into, or not wholly: `reason` is one of a few words, `detail` tells more."""

    path: str
    reason: str
    detail: str


class Repair(Struct):
    """A fix that was applied: where the finding was (`line` from 1, in the text as it was then), and its rule.

    `title`, `kind` and `notes` are those of the fix.
    """

    path: str
    line: int
    code: str
    name: str
    title: str
    kind: str
    notes: tuple[str, ...] = ()


class Build(Struct):
    """One way in which a Dockerfile is built, as the rules saw it.

    `context` is the folder of the build context and `target` the stage that is built; None when
    unknown. `source` says where that is from: `command line`, `inferred: the folder of the Dockerfile`.
    """

    name: str
    dockerfile: str
    context: str | None = None
    target: str | None = None
    source: str = ""


class Difference(Struct):
    """Where a Dockerfile is not what the image was built from: its place, and what the image tells instead."""

    place: Span
    message: str


class Verification(Struct):
    """How a Dockerfile and a built image fit, told before any verdict.

    `image` is its name and `digest` that of its manifest or configuration. `belongs`: most instructions stand in the
    image's history. `builder` is who wrote the history (`buildkit`, `classic`, `buildah`), `by` what the layers were
    told apart by (`provenance`, `history`). `layers` counts them, `base_layers` those of the base. `target` is the
    stage that the image looks like when it is another one than was asked for. `unknown` are steps of the
    image that the Dockerfile does not have. `problems` are what is wrong with the image itself.
    """

    image: str
    digest: str
    belongs: bool
    builder: str
    by: str
    layers: int
    base_layers: int
    squashed: bool
    target: str | None = None
    differences: tuple[Difference, ...] = ()
    unknown: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


class Result(Struct):
    """All that a run says.

    `findings` are those shown, in the order of `in_order`; `hidden` counts findings of low confidence
    that are left out, `suppressed` those that a comment silences, `known` those that a baseline has.
    `files` are the paths that were checked, `notes` are remarks that are no findings, `skipped` is what was
    not looked into.
    `verification`: the findings were held against an image. `fixed` is what was mended, in order. `changes`: the
    findings are limited to what these bring.
    """

    findings: tuple[Finding, ...] = ()
    hidden: int = 0
    suppressed: int = 0
    not_run: tuple[NotRun, ...] = ()
    errors: tuple[RunError, ...] = ()
    files: tuple[str, ...] = ()
    builds: tuple[Build, ...] = ()
    notes: tuple[str, ...] = ()
    verification: Verification | None = None
    skipped: tuple[Skipped, ...] = ()
    fixed: tuple[Repair, ...] = ()
    changes: Changes | None = None
    known: int = 0


def _place_key(place: Place) -> tuple[int, str, str, int, int]:
    if isinstance(place, Span):
        return 0, place.path, "", place.start, place.end
    if isinstance(place, LayerPlace):
        return 1, place.image, f"{place.layer}\0{place.path}", 0, 0
    assert isinstance(place, ImagePlace)
    return 2, place.image, place.key, 0, 0


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort by path, place, code and message; findings in a text come before those in an image."""
    return tuple(sorted(findings, key=lambda finding: (_place_key(finding.place), finding.code, finding.message)))


def sure(findings: Iterable[Finding], pedantic: bool) -> tuple[Finding, ...]:
    """The findings without those of low confidence, unless all are asked for."""
    return tuple(finding for finding in findings if pedantic or finding.confidence is not Confidence.LOW)


def fails(finding: Finding, fail_on: Severity, min_confidence: Confidence) -> bool:
    """Whether a finding is bad enough, and sure enough, to make the run fail."""
    return finding.severity.rank <= fail_on.rank and finding.confidence.rank <= min_confidence.rank


def exit_code(result: Result, *, fail_on: Severity, min_confidence: Confidence, nothing_found: bool) -> int:
    """The exit code of a run: 2 before 4 before 1 before 3 before 0.

    `nothing_found` is true when a walk over directories met no file to check.
    """
    codes = {error.exit_code for error in result.errors}
    for code in (EXIT_USAGE, EXIT_SYNTAX):
        if code in codes:
            return code
    if any(fails(finding, fail_on, min_confidence) for finding in result.findings):
        return EXIT_FINDINGS
    return EXIT_NOTHING_TO_CHECK if nothing_found else EXIT_CLEAN
