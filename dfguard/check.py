"""The main job: from Dockerfiles on disk to a Result.

Faces (command line, editor, hooks) call `check_files` and show what it gives.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from dfguard import catalog, engine
from dfguard.builds import ContextCache, ignore_files_near, invocation_of
from dfguard.catalog import Entry
from dfguard.config import Config
from dfguard.context.invocation import Invocation
from dfguard.context.invocations.flags import Flags
from dfguard.context.progress import SILENT, Progress
from dfguard.discovery import looks_like_dockerfile, read_source
from dfguard.dockerfile.nodes import Dockerfile
from dfguard.dockerfile.parse import parse
from dfguard.engine import Outcome, Selected
from dfguard.errors import EXIT_SYNTAX, DfguardError
from dfguard.file_report import FileReport, failed
from dfguard.finding import Confidence, Finding
from dfguard.run import ALL_RULES, Build, NotRun, Result, RunError, in_order
from dfguard.source import Source
from dfguard.struct import Struct
from dfguard.suppress import read_suppressions, split
from dfguard.unit import Unit

if TYPE_CHECKING:
    from dfguard.flow.takes import BuildTakes


class Settings(Struct):
    """What a run is asked for: how to build, as the command line has it, whether to show everything, whom to tell."""

    flags: Flags = Flags()
    pedantic: bool = False
    progress: Progress = SILENT


def select(config: Config) -> tuple[Selected, ...]:
    """The rules that a configuration switches on; raises ConfigError for options that a rule does not have."""
    return tuple(
        Selected(entry, config.severity_of(entry.code, entry.severity_in(config.preset)), _options(config, entry))
        for entry in catalog.entries()
        if config.is_selected(entry.code, default_on=True)
    )


def _options(config: Config, entry: Entry) -> dict[str, Any]:
    given = config.options_of(entry.code)
    if not given:
        return {}
    options_type = catalog.load(entry).options_type
    known = {
        name.replace("_", "-"): default for name, default in (options_type._defaults if options_type else {}).items()
    }
    for key, value in given.items():
        if key not in known:
            expected = f"expected one of {', '.join(sorted(known))}" if known else "the rule has no options"
            raise config.option_error(entry.code, key, f"unknown option `{key}` of {entry.code}: {expected}")
        if type(value) is not type(known[key]):
            kind = type(known[key]).__name__
            raise config.option_error(entry.code, key, f"`{key}` is {value!r}; expected a value of type {kind}")
    return {key.replace("-", "_"): value for key, value in given.items()}


class Selections:
    """The rules that are switched on for each path."""

    def __init__(self, configs: Mapping[str, Config]) -> None:
        self.configs = configs
        self._made: dict[int, tuple[Selected, ...]] = {}

    def of(self, path: str) -> tuple[Selected, ...]:
        """The rules for a path of the run."""
        config = self.configs[path]
        if id(config) not in self._made:
            self._made[id(config)] = select(config)
        return self._made[id(config)]

    def of_file_near(self, path: str, near: Iterable[str]) -> tuple[Selected, ...] | None:
        """The rules for a path that may be none of the run: as for the first one near it; None if excluded."""
        known = next((one for one in chain((path,), near) if one in self.configs), None)
        return self.of(known) if known is not None and not self.configs[known].excludes(path) else None


def check_files(
    paths: Sequence[str],
    configs: Mapping[str, Config],
    settings: Settings,
    stdin: Source | None = None,
    ignore_files: Sequence[str] = (),
) -> Result:
    """Check files one after another; one bad file never stops the others.

    `configs` gives the configuration of each path. `stdin`, when given, stands for its own path. Besides
    `ignore_files`, those that lie near the builds are looked at.
    """
    contexts, selections = ContextCache(settings.progress), Selections(configs)
    reports: dict[str, FileReport] = {}
    for path in paths:
        selection = selections.of(path)
        try:
            given = stdin is not None and stdin.path == path
            source = stdin if stdin is not None and given else read_source(path)
            reports[path] = check_source(source, selection, settings, contexts, on_disk=not given)
        except DfguardError as error:
            reports[path] = failed(path, error)
    builds = [build for report in reports.values() for build in report.takes]
    if builds or ignore_files:
        from dfguard.ignore_check import check_ignore_files

        reports |= check_ignore_files(ignore_files, builds, contexts, selections.of_file_near)
    return _result(reports, configs, settings)


def check_source(
    source: Source, selection: Sequence[Selected], settings: Settings, contexts: ContextCache, *, on_disk: bool = True
) -> FileReport:
    """Check one file. Raises DfguardError for a target that does not exist."""
    dockerfile = parse(source)
    why = _no_dockerfile(dockerfile)
    if why:
        return FileReport(Outcome((), (NotRun(ALL_RULES, source.path, why),), ()))
    invocation = invocation_of(dockerfile, settings.flags, on_disk=on_disk)
    unit = Unit(dockerfile, invocation, contexts.load)
    outcome = engine.merge([engine.run(unit, selection)])
    suppressions = read_suppressions(dockerfile)
    shown, silenced, _ = split(outcome.findings, suppressions)
    errors = _refusals(dockerfile, shown, silenced)
    problems = [s.problem for s in suppressions if s.problem is not None]
    wrong = tuple(RunError(source.path, f"line {p.span.start_line}: {p.message}") for p in problems)
    outcome = outcome.but(findings=shown, errors=(*errors, *wrong, *outcome.errors))
    asked = on_disk and any("Ignore" in subject for chosen in selection for subject in chosen.entry.subjects)
    takes = _takes(unit) if asked else ()
    notes = _context_notes(unit, lines=not asked)
    return FileReport(outcome, len(silenced), True, _build(invocation), notes, takes)


def _takes(unit: Unit) -> tuple[BuildTakes, ...]:
    """What the build takes from its context; none if no ignore file lies near, so that nothing is imported for it."""
    if not any(ignore_files_near(unit.invocation)):
        return ()
    from dfguard.flow.takes import BuildTakes, takes

    return (BuildTakes(unit.invocation, takes(unit.graph)),)


def _no_dockerfile(dockerfile: Dockerfile) -> str:
    if not looks_like_dockerfile(dockerfile.source.text):
        return "not a Dockerfile: it holds no instruction"
    first = next((problem for problem in dockerfile.problems if problem.refused), None)
    if first is not None:
        line = first.span.start_line
        if "{{" in dockerfile.source.line_text(line):
            return f"a template, not a Dockerfile yet (`{{{{` on line {line}): render it first"
    return ""


def _context_notes(unit: Unit, *, lines: bool) -> tuple[str, ...]:
    """What is wrong with the context; with lines of the ignore file only if no rule looks at them."""
    read = unit.__dict__.get("context")  # only if a rule asked for it
    if read is None:
        return ()
    return tuple(
        f"{error.span.path}:{error.span.start_line}: {error.message}"
        if error.span
        else f"build context {os.path.join(read.root, error.path)}: {error.message}"
        for error in read.errors
        if lines or error.span is None
    )


def _refusals(dockerfile: Dockerfile, shown: Sequence[Finding], silenced: Sequence[Finding]) -> tuple[RunError, ...]:
    """The first thing that BuildKit refuses, as it stops there too, and how many more there are.

    What a finding tells is not told again, only named. What a comment silences is no refusal: whoever
    wrote it knows a BuildKit that reads the line.
    """
    known = {(finding.place, finding.message) for finding in silenced}
    refused = [p for p in dockerfile.problems if p.refused and (p.span, p.message) not in known]
    if not refused:
        return ()
    first = refused[0]
    told = next((f for f in shown if (f.place, f.message) == (first.span, first.message)), None)
    said = f"BuildKit refuses this file, see {told.code} {told.name}" if told else first.message
    message = f"line {first.span.start_line}: {said}"
    if len(refused) > 1:
        message += f" (and {len(refused) - 1} more)"
    return (RunError(dockerfile.source.path, message, EXIT_SYNTAX),)


def _build(invocation: Invocation) -> Build:
    return Build(invocation.name, invocation.dockerfile, invocation.context, invocation.target, invocation.source)


def _result(reports: Mapping[str, FileReport], configs: Mapping[str, Config], settings: Settings) -> Result:
    shown: list[Finding] = []
    hidden = 0
    for path, report in reports.items():
        pedantic = settings.pedantic or (path in configs and configs[path].pedantic)
        kept = [f for f in report.outcome.findings if pedantic or f.confidence is not Confidence.LOW]
        hidden += len(report.outcome.findings) - len(kept)
        shown += kept
    every = reports.values()
    return Result(
        findings=in_order(shown),
        hidden=hidden,
        suppressed=sum(report.suppressed for report in every),
        not_run=tuple(item for report in every for item in report.outcome.not_run),
        errors=tuple(item for report in every for item in report.outcome.errors),
        files=tuple(path for path, report in reports.items() if report.checked),
        builds=tuple(report.build for report in every if report.build),
        notes=tuple(dict.fromkeys(note for report in every for note in report.notes)),
    )
