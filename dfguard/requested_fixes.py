"""Fixes that are made on request only: the costly ones, and those that change how a Dockerfile is built up."""

from __future__ import annotations

from collections.abc import Sequence

from dfguard import engine
from dfguard.edit import Fix, Refusal
from dfguard.engine import Selected
from dfguard.finding import Finding
from dfguard.unit import Unit


def requested_fixes(units: Sequence[Unit], selected: Selected, finding: Finding) -> tuple[Fix | Refusal, ...]:
    """The fixes of one finding of `selected` that a plain check does not make, the best first, or why there are none.

    `units` are the builds of one Dockerfile (those that are `alike` need only one of them). A fix counts if every
    build that has the finding makes the same one; the title, the edits, `Fix.notes` and
    `report.preview.changed_lines` are all that is to be shown of it.
    """
    made = [found for unit in units if (found := engine.costly_fixes(unit, selected, finding))]
    if not made:
        return ()
    first, *others = made
    agreed = tuple(each for each in first if isinstance(each, Refusal) or all(_has(each, other) for other in others))
    return agreed or (Refusal("the builds of this file would need different ones"),)


def _has(fix: Fix, others: Sequence[Fix | Refusal]) -> bool:
    return any(isinstance(other, Fix) and _shape(other) == _shape(fix) for other in others)


def _shape(fix: Fix) -> tuple[object, ...]:
    edits = tuple((edit.span.path, edit.span.start, edit.span.end, edit.text) for edit in fix.edits)
    return fix.title, edits, fix.notes
