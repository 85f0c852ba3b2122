"""Checks the comments that silence: rules about them run once it is known what they silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from dfguard import catalog, engine
from dfguard.catalog import Entry
from dfguard.dockerfile.spelling import nearest
from dfguard.engine import Outcome, Selected
from dfguard.finding import Finding
from dfguard.run import ALL_RULES
from dfguard.suppress import rules_meant, split
from dfguard.suppression import OURS, Suppression, UnusedWord
from dfguard.suppression_unit import SUBJECTS, SuppressionUnit

# What rules see, or can't do without, that depends on the files of the build context.
_OF_FILES = frozenset(
    "SecretCopy PythonSecret Absent Taking DependencyInstall RequirementFile StartProgram Loss ValueFlow BuildContext "
    "GitFolder SecretFinder IgnoreEffects IgnoreUse Taken Weight Walked".split()
)


def with_findings_on(
    suppressions: Sequence[Suppression],
    unused: Iterable[UnusedWord],
    outcome: Outcome,
    selection: Sequence[Selected],
    subjects: Mapping[str, Any],
    path: str,
    builds: tuple[str, ...] = (),
    *,
    all_builds: bool = True,
) -> tuple[Finding, ...]:
    """The findings of an outcome, and those on the suppressions of its file.

    `subjects` are those of the unit that the outcome is of. Without `all_builds` nothing is said of unused words: a
    build that was not looked at may need them.
    """
    about = [chosen for chosen in selection if not SUBJECTS.keys().isdisjoint(chosen.entry.subjects)]
    if not about or not any(one.problem is None for one in suppressions):
        return outcome.findings
    ran = _ran(outcome, selection, subjects)
    idle = _with_all_gone(judged for each in unused if (judged := _judged(each, ran)) is not None)
    unit = SuppressionUnit(path, _counted(suppressions), idle if all_builds else (), builds)
    return (*outcome.findings, *split(engine.run(unit, about).findings, suppressions)[0])


def _ran(outcome: Outcome, selection: Sequence[Selected], subjects: Mapping[str, Any]) -> Callable[[Entry], bool]:
    """Whether a rule looked at the file."""
    missing = {entry.code for entry in outcome.not_run}
    codes = {
        chosen.entry.code
        for chosen in selection
        if chosen.entry.code not in missing and not subjects.keys().isdisjoint(chosen.entry.subjects)
    }
    return lambda entry: entry.code in codes and ALL_RULES not in missing


def _judged(unused: UnusedWord, ran: Callable[[Entry], bool]) -> UnusedWord | None:
    """An unused word with what there is to know of it; None where it says nothing that it is unused.

    The comments of other tools are for those tools.
    """
    if unused.suppression.tool != OURS:
        return None
    entries = rules_meant(OURS, unused.word.raw)
    if not entries:
        return unused.but(why=_no_rule(unused.word.raw))
    if not all(map(ran, entries)):
        return None
    return unused.but(on_files=any(_OF_FILES & set(_looks_at(entry)) for entry in entries))


def _looks_at(entry: Entry) -> tuple[str, ...]:
    return (*entry.subjects, *(name for name, optional in entry.needs if not optional))


def _no_rule(word: str) -> str:
    from dfguard.peers import known

    if known(word):
        return f"`{word}` is the id of a check that dfguard has no rule for"
    names = catalog.names()
    near = nearest(word.upper(), names) or nearest(word.lower(), names.values())
    return f"no rule is called `{word}`" + (f"; did you mean `{near}`?" if near else "")


def _with_all_gone(idle: Iterable[UnusedWord]) -> tuple[UnusedWord, ...]:
    every = tuple(idle)
    words = [(one.suppression.span, one.word) for one in every]
    return tuple(one.but(gone=tuple(word for span, word in words if span == one.suppression.span)) for one in every)


def _counted(suppressions: Iterable[Suppression]) -> tuple[Suppression, ...]:
    """Those that silence something of ours."""
    return tuple(
        one
        for one in suppressions
        if one.problem is None and (one.tool == OURS or any(rules_meant(one.tool, code) for code in one.codes))
    )
