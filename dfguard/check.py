"""The main job: from Dockerfiles on disk to a Result.

Faces (command line, editor, hooks) call `check_files` and show what it gives.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from dfguard import catalog, engine
from dfguard.builds import ContextCache, invocation_of
from dfguard.catalog import Entry
from dfguard.config import Config
from dfguard.context.invocation import Invocation
from dfguard.context.invocations.flags import Flags
from dfguard.discovery import looks_like_dockerfile, read_source
from dfguard.dockerfile.nodes import Dockerfile
from dfguard.dockerfile.parse import parse
from dfguard.engine import Outcome, Selected
from dfguard.errors import EXIT_SYNTAX, DfguardError, InputError
from dfguard.finding import Confidence, Finding
from dfguard.run import ALL_RULES, Build, NotRun, Result, RunError, in_order
from dfguard.source import Source
from dfguard.struct import Struct
from dfguard.suppress import read_suppressions, split
from dfguard.unit import Unit


class Settings(Struct):
    """What a run is asked for: how to build, as the command line has it, and whether to show everything."""

    flags: Flags = Flags()
    pedantic: bool = False


class FileReport(Struct):
    """What a run says of one file."""

    outcome: Outcome
    suppressed: int = 0
    checked: bool = False
    build: Build | None = None
    notes: tuple[str, ...] = ()


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


def check_files(
    paths: Sequence[str], configs: Mapping[str, Config], settings: Settings, stdin: Source | None = None
) -> Result:
    """Check files one after another; one bad file never stops the others.

    `configs` gives the configuration of each path. `stdin`, when given, stands for its own path.
    """
    contexts = ContextCache()
    selections: dict[int, tuple[Selected, ...]] = {}
    reports = []
    for path in paths:
        config = configs[path]
        selection = selections.setdefault(id(config), ()) or select(config)
        selections[id(config)] = selection
        try:
            given = stdin is not None and stdin.path == path
            source = stdin if stdin is not None and given else read_source(path)
            reports.append(check_source(source, selection, settings, contexts, on_disk=not given))
        except DfguardError as error:
            message = error.reason if isinstance(error, InputError) else str(error)
            failed = Outcome((), (), (RunError(path, message, error.exit_code),))
            reports.append(FileReport(failed))
    return _result(paths, reports, configs, settings)


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
    return FileReport(outcome, len(silenced), True, _build(invocation), _context_notes(unit))


def _no_dockerfile(dockerfile: Dockerfile) -> str:
    if not looks_like_dockerfile(dockerfile.source.text):
        return "not a Dockerfile: it holds no instruction"
    first = next((problem for problem in dockerfile.problems if problem.refused), None)
    if first is not None:
        line = first.span.start_line
        if "{{" in dockerfile.source.line_text(line):
            return f"a template, not a Dockerfile yet (`{{{{` on line {line}): render it first"
    return ""


def _context_notes(unit: Unit) -> tuple[str, ...]:
    read = unit.__dict__.get("context")  # only if a rule asked for it
    if read is None:
        return ()
    return tuple(
        f"{error.span.path}:{error.span.start_line}: {error.message}"
        if error.span
        else f"build context {os.path.join(read.root, error.path)}: {error.message}"
        for error in read.errors
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


def _result(
    paths: Sequence[str], reports: Sequence[FileReport], configs: Mapping[str, Config], settings: Settings
) -> Result:
    shown: list[Finding] = []
    hidden = 0
    for path, report in zip(paths, reports, strict=True):
        pedantic = settings.pedantic or configs[path].pedantic
        kept = [f for f in report.outcome.findings if pedantic or f.confidence is not Confidence.LOW]
        hidden += len(report.outcome.findings) - len(kept)
        shown += kept
    return Result(
        findings=in_order(shown),
        hidden=hidden,
        suppressed=sum(report.suppressed for report in reports),
        not_run=tuple(item for report in reports for item in report.outcome.not_run),
        errors=tuple(item for report in reports for item in report.outcome.errors),
        files=tuple(path for path, report in zip(paths, reports, strict=True) if report.checked),
        builds=tuple(report.build for report in reports if report.build),
        notes=tuple(note for report in reports for note in report.notes),
    )
