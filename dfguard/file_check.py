"""Checks one Dockerfile, or one that stands in another file, in every build of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from dfguard import engine
from dfguard.build_plan import Job
from dfguard.builds import ContextCache, alike, checked, ignore_files_near, invocations_of
from dfguard.context.invocation import Inline, Invocation
from dfguard.context.invocations.flags import Flags
from dfguard.dockerfile.parse import parse
from dfguard.edit import Fix, Refusal
from dfguard.engine import Outcome, Selected
from dfguard.file_report import FileReport
from dfguard.finding import Finding
from dfguard.refusals import no_dockerfile, refusals
from dfguard.requested_fixes import requested_fixes
from dfguard.run import ALL_RULES, Build, NotRun, RunError, Skipped
from dfguard.source import Source, Span
from dfguard.subjects import SUBJECTS
from dfguard.suppress import read_suppressions, split
from dfguard.suppression import Suppression
from dfguard.unit import Unit

if TYPE_CHECKING:
    from dfguard.earlier import Earlier
    from dfguard.flow.takes import BuildTakes


def check_job(
    job: Job,
    source: Source,
    selection: Sequence[Selected],
    flags: Flags,
    contexts: ContextCache,
    said: Sequence[Suppression] = (),
    *,
    on_disk: bool = True,
    wants_costly_fix: Callable[[Finding], bool] | None = None,
    earlier: Earlier | None = None,
) -> FileReport:
    """Check one Dockerfile in all its builds; `said` are the comments of the files that describe them.

    `wants_costly_fix` tells for which findings the fixes that are made on request only are asked for. `earlier` is
    what was read for the check before this one.

    Raises DfguardError for a target of the command line that does not exist.
    """
    dockerfile = parse(source) if earlier is None else earlier.parse(source)
    given = invocations_of(job, dockerfile, flags, on_disk=on_disk)
    invocations = [one if job.absent else checked(one, dockerfile) for one in given]
    groups = [
        [Unit(dockerfile, one, contexts.load, contexts.readings, earlier) for one in group]
        for group in alike(invocations)
    ]
    firsts = [units[0] for units in groups]
    if earlier is not None:
        earlier.units = tuple(firsts)
    why = "" if job.absent else no_dockerfile(firsts[0])
    if why:
        return FileReport(Outcome((), (NotRun(ALL_RULES, source.path, why),), ()))
    selection = _without_text(selection) if job.absent else selection
    outcome = _run(groups, selection)
    outcome, silenced = _judged(outcome, firsts, job, said, selection, given=flags.given)
    refused: list[str] = []
    if wants_costly_fix is not None:
        outcome = _with_costly_fixes(outcome, firsts, selection, wants_costly_fix, refused)
    units = [unit for group in groups for unit in group]
    asked = on_disk and any("Ignore" in subject for chosen in selection for subject in chosen.entry.subjects)
    takes = tuple(take for unit in units for take in _takes(unit)) if asked else ()
    notes = (
        *refused,
        *(note for unit in units for note in (*_context_notes(unit, lines=not asked), *_flow_notes(unit))),
    )
    skipped = tuple(skip for unit in units for skip in skipped_of(unit))
    builds = tuple(map(_build, invocations))
    return FileReport(outcome, silenced, not job.absent, builds, notes, takes, skipped=skipped)


def _without_text(selection: Sequence[Selected]) -> list[Selected]:
    """The rules that look at nothing but how a build is described."""
    return [chosen for chosen in selection if chosen.entry.subjects == ("Invocation",) and not chosen.entry.needs]


def _judged(
    outcome: Outcome,
    units: Sequence[Unit],
    job: Job,
    said: Sequence[Suppression],
    selection: Sequence[Selected],
    *,
    given: bool,
) -> tuple[Outcome, int]:
    """What is left of an outcome by comments, in places of files on disk, and how much they silence.

    `given`: the command line says how to build, so that comments may be for other builds.
    """
    own = read_suppressions(units[0].dockerfile)
    shown, silenced, unused = split(outcome.findings, own)
    refused = () if job.absent else refusals(units, shown, silenced)
    if own and not job.absent:
        from dfguard.suppression_check import with_findings_on

        names = tuple(unit.invocation.name for unit in units)
        left = outcome.but(findings=shown)
        shown = with_findings_on(own, unused, left, selection, SUBJECTS, units[0].path, names, all_builds=not given)
    shown, more, _ = split((outside(finding, job.inline) for finding in shown), said)
    wrong = (s.problem for s in (*own, *said) if s.problem is not None)
    errors = (RunError(p.span.path, f"line {p.span.start_line}: {p.message}") for p in wrong)
    return outcome.but(findings=shown, errors=(*refused, *errors, *outcome.errors)), len(silenced) + len(more)


def outside(finding: Finding, inline: Inline | None) -> Finding:
    """The finding with its places in the file that holds the Dockerfile; a fix would need its indentation."""
    if inline is None:
        return finding
    place = inline.outside(finding.place) if isinstance(finding.place, Span) else finding.place
    related = tuple(
        one.but(place=inline.outside(one.place)) if isinstance(one.place, Span) else one for one in finding.related
    )
    return finding.but(place=place, related=related, fixes=())


def _run(groups: Sequence[Sequence[Unit]], selection: Sequence[Selected]) -> Outcome:
    """What rules say of the builds of one Dockerfile.

    Those of a group differ in names and places only, so that most rules need to see one of them. What rules
    about builds themselves say has its place at a build.
    """
    own = [chosen for chosen in selection if "Invocation" in chosen.entry.subjects]
    others = [chosen for chosen in selection if "Invocation" not in chosen.entry.subjects]
    outcomes = []
    for units in groups:
        outcome = engine.run(units[0], others)
        names = tuple(unit.invocation.name for unit in units)
        outcomes.append(outcome.but(findings=tuple(finding.but(builds=names) for finding in outcome.findings)))
    every = [unit for units in groups for unit in units]
    merged = engine.merge(outcomes, [unit.invocation.name for unit in every])
    return engine.merge([merged, *(engine.run(unit, own) for unit in every)])


def _with_costly_fixes(
    outcome: Outcome,
    units: Sequence[Unit],
    selection: Sequence[Selected],
    wanted: Callable[[Finding], bool],
    refused: list[str],
) -> Outcome:
    """The outcome with the fixes that are made on request only; why there are none goes to `refused`."""
    by_code = {chosen.entry.code: chosen for chosen in selection}
    findings = []
    for finding in outcome.findings:
        made: tuple[Fix | Refusal, ...] = ()
        if finding.code in by_code and not finding.not_in and wanted(finding):
            made = requested_fixes(units, by_code[finding.code], finding)
        fixes = tuple(one for one in made if isinstance(one, Fix))
        if made and not fixes and isinstance(finding.place, Span):
            reason = next(one.reason for one in made if isinstance(one, Refusal))
            refused.append(f"{finding.place.path}:{finding.place.start_line}: {finding.code}: no fix: {reason}")
        findings.append(finding.but(fixes=(*finding.fixes, *fixes)))
    return outcome.but(findings=tuple(findings))


def skipped_of(unit: Unit) -> Iterator[Skipped]:
    """What of the context was not looked into, if anybody looked."""
    finder = unit.__dict__.get("secret_finder")
    for each in finder.every if finder is not None else ():
        for skip in each.skips if each.context is not None else ():
            yield Skipped(os.path.normpath(os.path.join(each.context.root, skip.path)), skip.reason, skip.detail)


def _takes(unit: Unit) -> tuple[BuildTakes, ...]:
    """What the build takes from its context; none if no ignore file lies near, so that nothing is imported for it."""
    given = unit.invocation
    named = [one for one in map(given.of_named, given.folders) if any(ignore_files_near(one))]
    if not named and not any(ignore_files_near(given)):
        return ()
    from dfguard.flow.takes import BuildTakes, named_takes, takes

    of_named = (BuildTakes(one, named_takes(unit.graph, one.named)) for one in named)
    return (BuildTakes(given, takes(unit.graph)), *of_named)


def _context_notes(unit: Unit, *, lines: bool) -> tuple[str, ...]:
    """What is wrong with the context; with lines of the ignore file only if no rule looks at them."""
    main, named = unit.__dict__.get("context"), unit.__dict__.get("named_folders", {})  # only if a rule asked for them
    return tuple(
        f"{error.span.path}:{error.span.start_line}: {error.message}"
        if error.span
        else f"build context {os.path.join(read.root, error.path)}: {error.message}"
        for read in (main, *(folder.context for folder in named.values()))
        if read is not None
        for error in read.errors
        if lines or error.span is None
    )


def _flow_notes(unit: Unit) -> Iterator[str]:
    """Where files are no longer followed because they are too many."""
    flow = unit.__dict__.get("flow")  # only if a rule asked for it
    for event in flow.cut if flow is not None else ():
        place = event.place or event.instruction.span
        yield f"{place.path}:{place.start_line}: {event.reason}, so that secrets among them are not told"


def _build(invocation: Invocation) -> Build:
    return Build(invocation.name, invocation.dockerfile, invocation.context, invocation.target, invocation.source)
