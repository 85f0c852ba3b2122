"""Checks ignore files: each one once, for all builds of a run that read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from dfguard import engine
from dfguard.builds import ContextCache
from dfguard.engine import Selected
from dfguard.errors import DfguardError
from dfguard.file_report import FileReport, failed
from dfguard.flow.takes import BuildTakes
from dfguard.ignore_files import IgnoreFiles
from dfguard.ignore_unit import SUBJECTS, IgnoreUnit
from dfguard.run import RunError
from dfguard.suppress import read_ignore_suppressions, split


def check_ignore_files(
    named: Iterable[str],
    builds: Sequence[BuildTakes],
    contexts: ContextCache,
    selection_of: Callable[[str, Iterable[str]], Sequence[Selected] | None],
) -> dict[str, FileReport]:
    """The report on each ignore file that is named or lies near one of the builds, by its path.

    `selection_of` gives the rules for a file of which nothing is known but its path and the Dockerfiles near
    it; None where the configuration excludes it.
    """
    files = IgnoreFiles(named, builds, contexts)
    reports = {}
    for path in files.paths:
        use = files.use_of(path)
        near = chain(use.readers, use.beside, use.rooted, builds)
        selection = selection_of(path, (build.invocation.dockerfile for build in near))
        if selection is None:
            continue
        try:
            reports[path] = check_ignore_file(list(files.units(path, use)), selection)
        except DfguardError as error:
            reports[path] = failed(path, error)
    return reports


def check_ignore_file(units: Sequence[IgnoreUnit], selection: Sequence[Selected]) -> FileReport:
    """Check one ignore file in each context that it is read for."""
    outcome = engine.merge([engine.run(unit, selection) for unit in units])
    suppressions = read_ignore_suppressions(units[0].ignore)
    shown, silenced, unused = split(outcome.findings, suppressions)
    if suppressions:
        from dfguard.suppression_check import with_findings_on

        left = outcome.but(findings=shown)
        shown = with_findings_on(suppressions, unused, left, selection, SUBJECTS, units[0].path, units[0].builds)
    wrong = (s.problem for s in suppressions if s.problem is not None)
    errors = tuple(RunError(units[0].path, f"line {p.span.start_line}: {p.message}") for p in wrong)
    return FileReport(outcome.but(findings=shown, errors=(*errors, *outcome.errors)), len(silenced), True)
