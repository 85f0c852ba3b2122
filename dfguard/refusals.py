"""What BuildKit refuses, as errors of the run, whether a finding tells it or not; and what is no Dockerfile yet."""

from __future__ import annotations

from collections.abc import Sequence

from dfguard.discovery import looks_like_dockerfile, template_mark
from dfguard.dockerfile.nodes import Problem
from dfguard.errors import EXIT_SYNTAX
from dfguard.finding import Finding
from dfguard.run import RunError
from dfguard.unit import Unit

_IN_OWN_WORDS = ("DG304", "DG305", "DG705")  # rules on stages and variables that tell refusals among other things


def no_dockerfile(unit: Unit) -> str:
    """Why a file is no Dockerfile, or none yet; "" when it is one."""
    source = unit.dockerfile.source
    if not looks_like_dockerfile(source.text):
        return "not a Dockerfile: it holds no instruction"
    first = next((problem for problem in unit.problems if problem.refused), None)
    if first is not None:
        line = first.span.start_line
        mark = template_mark(source.line_text(line)) or template_mark(first.message)
        if mark:
            return f"a template, not a Dockerfile yet (`{mark}` on line {line}): render it first"
    return ""


def refusals(units: Sequence[Unit], shown: Sequence[Finding], silenced: Sequence[Finding]) -> tuple[RunError, ...]:
    """The first thing that BuildKit refuses of some build, as it stops there too, and how many more there are.

    What a finding tells is not told again, only named. What a comment silences is no refusal: whoever
    wrote it knows a BuildKit that reads the line.
    """
    met = dict.fromkeys(problem for unit in units for problem in unit.problems if problem.refused)
    refused = [problem for problem in met if not any(_tells(finding, problem) for finding in silenced)]
    if not refused:
        return ()
    first = min(refused, key=lambda problem: problem.span.start)
    told = next((finding for finding in shown if _tells(finding, first)), None)
    said = f"BuildKit refuses this file, see {told.code} {told.name}" if told else first.message
    message = f"line {first.span.start_line}: {said}"
    if len(refused) > 1:
        message += f" (and {len(refused) - 1} more)"
    return (RunError(units[0].path, message, EXIT_SYNTAX),)


def _tells(finding: Finding, problem: Problem) -> bool:
    """Whether a finding is about a refusal."""
    own_words = finding.code in _IN_OWN_WORDS
    return finding.place == problem.span and (own_words or finding.message == problem.message)
