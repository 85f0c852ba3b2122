"""Fixes for all that a plan holds: what the loop of `settle` checks texts with, and what it leaves to be written."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from dfguard import catalog
from dfguard.atomic import Replacement, replace_all
from dfguard.buffers import ON_DISK, Buffers
from dfguard.build_plan import Plan
from dfguard.builds import ContextCache
from dfguard.check import Settings, reports_of, result_of
from dfguard.config import Config
from dfguard.edit import Fix
from dfguard.finding import Confidence, Finding
from dfguard.run import Result, RunError
from dfguard.settle import Accept, Change, Reports, Settled, grouped, path_of, repair_of, settle
from dfguard.source import Source
from dfguard.struct import Struct


class Work(Struct):
    """What is to be mended: `plan` gives the jobs as texts that stand for files describe them.

    `configs` gives the configuration of a path. `stdin`, when given, stands for its own path.
    """

    plan: Callable[[Buffers], Plan]
    config_of: Callable[[str], Config]
    settings: Settings
    stdin: Source | None = None
    ignore_files: tuple[str, ...] = ()


class NewText(Struct):
    """A text that is to be written: the file's path, what it held when it was read, and what it is to hold."""

    path: str
    old: str
    new: str


class Fixed(Struct):
    """What came of fixing: what was applied, the texts to write, and what a check says of them."""

    settled: Settled
    texts: tuple[NewText, ...]
    result: Result
    bench: PlanBench

    @property
    def plan(self) -> Plan:
        """The jobs as the new texts describe them."""
        return self.bench.planned(self.settled.buffers)


def fix(work: Work, accept: Accept, *, structural: bool = False) -> Fixed:
    """Mend what `accept` allows; nothing is written. Raises DfguardError as `check_plan` does."""
    start = Buffers({work.stdin.path: work.stdin.text}) if work.stdin is not None else ON_DISK
    bench = PlanBench(work)
    settled = settle(bench, start, accept, structural=structural)
    return Fixed(settled, tuple(_texts(settled)), _result(bench, settled, settled.buffers, settled.applied), bench)


def write(fixed: Fixed) -> Result:
    """Write the new texts, those that one fix edits all or none; what can't be written is an error of the result."""
    failed: list[RunError] = []
    kept: dict[str, str] = {}
    for group in _written_together(fixed):
        try:
            replace_all([Replacement(text.path, _bytes(text.old), _bytes(text.new)) for text in group])
        except OSError as error:
            path = str(error.filename or group[0].path)
            failed.append(RunError(path, f"can't be written: {error.strerror or error}"))
            kept |= {text.path: text.old for text in group}
    if not failed:
        return fixed.result
    left = {os.path.realpath(path) for path in kept}
    applied = [change for change in fixed.settled.applied if not left & set(map(os.path.realpath, change.sources))]
    result = _result(fixed.bench, fixed.settled, fixed.settled.buffers.but(kept), applied)
    return result.but(errors=(*failed, *result.errors))


def _result(bench: PlanBench, settled: Settled, buffers: Buffers, applied: Iterable[Change]) -> Result:
    result = bench.result(buffers)
    return result.but(errors=(*settled.faults, *result.errors), fixed=tuple(map(repair_of, applied)))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _written_together(fixed: Fixed) -> Iterator[list[NewText]]:
    """The new texts in groups: those that one fix edits belong together."""
    texts = {os.path.realpath(text.path): text for text in fixed.texts}
    for group in grouped(fixed.settled.applied):
        paths = dict.fromkeys(os.path.realpath(path) for change in group for path in change.sources)
        together = [texts[path] for path in paths if path in texts]
        if together:
            yield together


def _texts(settled: Settled) -> Iterator[NewText]:
    """The files that differ from what was there, in the order of their first edit, by the names that users know."""
    first: dict[str, Source] = {}
    for change in settled.applied:
        for source in change.sources.values():
            first.setdefault(os.path.realpath(source.path), source)
    for key, source in first.items():
        new = settled.buffers.get(key)
        if new is not None and new != source.text:
            yield NewText(source.path, source.text, new)


class PlanBench:
    """Checks the jobs of a plan; contexts are read again only when another file than a Dockerfile changes."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._plan: Plan | None = None
        self._whole: tuple[Buffers | None, Reports] = None, {}
        self._contexts: ContextCache | None = None
        self._others: dict[str, str | None] = {}
        self._dockerfiles: frozenset[str] = frozenset()

    def shows(self, finding: Finding) -> bool:
        """Whether a finding is sure enough to be shown."""
        if self.work.settings.shows(finding):
            return True
        return finding.confidence is Confidence.LOW and self.work.config_of(path_of(finding.place)).shows_all()

    def check(self, buffers: Buffers, changed: Collection[str] | None) -> Reports:
        """See `settle.Bench`."""
        plan = self.planned(buffers)
        if changed is not None and all(path in self._dockerfiles for path in changed):
            jobs = tuple(job for job in plan.jobs if os.path.realpath(job.path) in changed)
            return self._reports(plan.but(jobs=jobs), buffers, None)
        self._whole = buffers, self._reports(plan, buffers, self.work.ignore_files)
        return self._whole[1]

    def costly_fixes(self, buffers: Buffers, key: str, finding: Finding) -> Sequence[Fix]:
        """See `settle.Bench`."""
        plan = self.planned(buffers)
        jobs = tuple(job for job in plan.jobs if job.key == key and job.inline is None)
        if not jobs or not any(map(catalog.load_fixer, catalog.find(finding.code))):
            return ()
        wanted, before = _identity(finding), set(finding.fixes)
        settings = self._settings(buffers).but(wants_costly_fix=lambda found: _identity(found) == wanted)
        (report,) = self._reports(plan.but(jobs=jobs), buffers, None, settings).values()
        same = (found for found in report.outcome.findings if _identity(found) == wanted)
        return [made for found in same for made in found.fixes if made not in before]

    def result(self, buffers: Buffers) -> Result:
        """All that a check says of the texts; those that were checked as a whole just now are not checked again."""
        plan = self.planned(buffers)
        reports = self._whole[1] if self._whole[0] is buffers else self.check(buffers, None)
        return result_of(reports, plan, self._configs(plan), self._settings(buffers))

    def planned(self, buffers: Buffers) -> Plan:
        """The plan for some texts; made anew, as are the contexts, when another text than a Dockerfile's changes."""
        others = {path: buffers.get(path) for path in buffers if path not in self._dockerfiles}
        if self._plan is None or self._contexts is None or others != self._others:
            self._plan = self.work.plan(buffers)
            self._dockerfiles = frozenset(os.path.realpath(job.path) for job in self._plan.jobs if not job.inline)
            self._others = {path: buffers.get(path) for path in buffers if path not in self._dockerfiles}
            self._contexts = ContextCache(self.work.settings.progress, self.work.settings.deep, buffers)
        return self._plan

    def _settings(self, buffers: Buffers) -> Settings:
        return self.work.settings.but(buffers=buffers)

    def _configs(self, plan: Plan) -> Mapping[str, Config]:
        return {path: self.work.config_of(path) for path in (*(job.path for job in plan.jobs), *self.work.ignore_files)}

    def _reports(
        self, plan: Plan, buffers: Buffers, ignore_files: Sequence[str] | None, settings: Settings | None = None
    ) -> Reports:
        stdin = self.work.stdin
        if stdin is not None:
            stdin = Source(stdin.path, buffers.get(stdin.path) or "")
        settings = settings or self._settings(buffers)
        return reports_of(plan, self._configs(plan), settings, stdin, ignore_files, self._contexts)


def _identity(finding: Finding) -> tuple[object, ...]:
    return finding.code, finding.place, finding.message
