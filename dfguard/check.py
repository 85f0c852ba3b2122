"""The main job: from Dockerfiles on disk to a Result.

Faces (command line, editor, hooks) call `check_files` and show what it gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from dfguard import catalog, engine, presets
from dfguard.buffers import ON_DISK, Buffers
from dfguard.build_plan import Job, Plan, path_of
from dfguard.builds import ContextCache, source_of
from dfguard.catalog import Entry
from dfguard.config import Config
from dfguard.context.invocations.flags import Flags
from dfguard.context.progress import SILENT, Progress
from dfguard.engine import Selected
from dfguard.errors import DfguardError
from dfguard.file_check import check_job
from dfguard.file_report import FileReport, failed
from dfguard.finding import Confidence, Finding
from dfguard.run import Result, Skipped, in_order
from dfguard.source import Source
from dfguard.struct import Struct
from dfguard.suppress import read_entry_suppressions

if TYPE_CHECKING:
    from dfguard.secrets.scanner import Deep


UNNAMED = "<stdin>"
"""The path of standard input that stands for no file: it has no folder, and no build context."""


class Settings(Struct):
    """What a run is asked for: how to build, as the command line has it, whether to show everything, whom to tell.

    `wants_costly_fix` tells for which findings the fixes that are made on request only are asked for. `deep` is a
    further engine for secrets. `buffers` are texts that stand for files on disk.
    """

    flags: Flags = Flags()
    pedantic: bool = False
    wants_costly_fix: Callable[[Finding], bool] | None = None
    progress: Progress = SILENT
    deep: Deep | None = None
    buffers: Buffers = ON_DISK

    def shows(self, finding: Finding) -> bool:
        """Whether a finding is sure enough to be shown."""
        return self.pedantic or finding.confidence is not Confidence.LOW


def select(config: Config) -> tuple[Selected, ...]:
    """The rules that a configuration switches on; raises ConfigError for options that a rule does not have."""
    return tuple(
        Selected(entry, config.severity_of(entry.code, entry.severity_in(config.preset)), _options(config, entry))
        for entry in catalog.entries()
        if is_on(config, entry)
    )


def is_on(config: Config, entry: Entry) -> bool:
    """Whether a configuration switches on a rule."""
    if entry.preview and not config.allows_preview(entry.code):
        return False
    return config.is_selected(entry.code, default_on=presets.holds(config.preset, entry.code))


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
    """Check Dockerfiles that no other file says how to build; see `check_plan`."""
    return check_plan(Plan(tuple(Job(path) for path in paths)), configs, settings, stdin, ignore_files)


def check_plan(
    plan: Plan,
    configs: Mapping[str, Config],
    settings: Settings,
    stdin: Source | None = None,
    ignore_files: Sequence[str] = (),
) -> Result:
    """Check one job after another; one bad file never stops the others; see `reports_of`."""
    reports = reports_of(plan, configs, settings, stdin, ignore_files)
    return result_of(reports, plan, configs, settings)


def reports_of(
    plan: Plan,
    configs: Mapping[str, Config],
    settings: Settings,
    stdin: Source | None = None,
    ignore_files: Sequence[str] | None = (),
    contexts: ContextCache | None = None,
) -> dict[str, FileReport]:
    """The report on each job, by its key, and on each ignore file, by its path.

    `configs` gives the configuration of each path. `stdin`, when given, stands for its own path. Besides
    `ignore_files`, those that lie near the builds are looked at; with None, none is. `contexts` are those of an earlier
    run, if nothing in them has changed since.
    """
    contexts = contexts or ContextCache(settings.progress, settings.deep, settings.buffers)
    selections = Selections(configs)
    said = tuple(comment for source in plan.files for comment in read_entry_suppressions(source))
    reports: dict[str, FileReport] = {}
    for number, job in enumerate(plan.jobs):
        settings.progress.checked(number, len(plan.jobs))
        selection = selections.of(job.path)
        try:
            given = stdin is not None and stdin.path == job.path
            source = stdin if stdin is not None and given else source_of(job, settings.buffers)
            on_disk = not given or source.path != UNNAMED
            wanted = settings.wants_costly_fix
            reports[job.key] = check_job(
                job, source, selection, settings.flags, contexts, said, on_disk=on_disk, wants_costly_fix=wanted
            )
        except DfguardError as error:
            reports[job.key] = failed(job.path, error)
    if ignore_files is None:
        return reports
    builds = [build for report in reports.values() for build in report.takes]
    if builds or ignore_files:
        from dfguard.ignore_check import check_ignore_files

        reports |= check_ignore_files(ignore_files, builds, contexts, selections.of_file_near)
    return reports


def result_of(
    reports: Mapping[str, FileReport], plan: Plan, configs: Mapping[str, Config], settings: Settings
) -> Result:
    """All that the reports on the files of a plan say."""
    shown: list[Finding] = []
    hidden: list[Finding] = []
    for key, report in reports.items():
        path = path_of(key)
        pedantic = settings.pedantic or (path in configs and configs[path].shows_all())
        for finding in report.outcome.findings:
            (shown if pedantic or finding.confidence is not Confidence.LOW else hidden).append(finding)
    every = reports.values()
    skipped = tuple(dict.fromkeys(item for report in every for item in report.skipped))
    checked = (path_of(key) for key, report in reports.items() if report.checked)
    return Result(
        findings=in_order(engine.joined(shown)),
        hidden=len(engine.joined(hidden)),
        suppressed=sum(report.suppressed for report in every),
        not_run=tuple(item for report in every for item in report.outcome.not_run),
        errors=tuple(dict.fromkeys(item for report in every for item in report.outcome.errors)),
        files=tuple(dict.fromkeys((*checked, *(source.path for source in plan.files)))),
        builds=tuple(build for report in every for build in report.builds),
        notes=(*dict.fromkeys(note for report in every for note in report.notes), *skipped_note(skipped)),
        skipped=skipped,
    )


def skipped_note(skipped: Sequence[Skipped]) -> Iterator[str]:
    """One remark that counts what was not looked into, by reason; none when there is nothing."""
    counts: dict[str, int] = {}
    for item in skipped:
        counts[item.reason] = counts.get(item.reason, 0) + 1
    if counts:
        by_reason = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items()))
        yield f"not looked into for secrets, or not wholly: {by_reason}; --show-skipped lists them"
