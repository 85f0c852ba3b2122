"""What is checked together: a folder of the workspace, or one file outside of all; and what is known of it so far.

A report stays good until a text, a configuration, a description of builds or a context changes that it is made of.
Not safe for threads: all calls come from the one that checks.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from dfguard import engine
from dfguard.buffers import Buffers
from dfguard.build_plan import Job, Plan, path_of, plan
from dfguard.builds import alike, checked, invocations_of, source_of
from dfguard.check import Settings
from dfguard.discovery import Discovery, discover
from dfguard.dockerfile.parse import parse
from dfguard.earlier import Earlier
from dfguard.errors import DfguardError
from dfguard.file_check import check_job
from dfguard.file_report import FileReport, failed
from dfguard.finding import Finding
from dfguard.flow.takes import BuildTakes
from dfguard.ignore_check import check_ignore_files
from dfguard.ignore_files import IgnoreFiles
from dfguard.ignore_unit import IgnoreUnit
from dfguard.lsp.configs import Configurations, Loaded
from dfguard.lsp.contexts import LiveContexts, Used
from dfguard.lsp.documents import BUILD, DOCKERFILE, IGNORE, OTHER, kind_of
from dfguard.lsp.settings import ClientSettings
from dfguard.run import RunError, in_order
from dfguard.source import Source, Span
from dfguard.struct import Struct
from dfguard.suppress import read_entry_suppressions
from dfguard.suppression import Suppression
from dfguard.unit import Unit

_NOTHING = Discovery((), (), (), ())


class _Kept(Struct):
    """A report, and what it was made of."""

    job: Job
    text: object
    loaded: Loaded
    said: tuple[Suppression, ...]
    used: Used
    report: FileReport


class Texts(Struct):
    """What the editor holds: all texts, and those that are no Dockerfiles; `named` are the open files by kind."""

    buffers: Buffers
    others: Buffers
    dockerfiles: tuple[str, ...] = ()
    ignore_files: tuple[str, ...] = ()
    build_files: tuple[str, ...] = ()

    @property
    def ignore_texts(self) -> tuple[str | None, ...]:
        """The texts of the open ignore files."""
        return tuple(map(self.others.get, self.ignore_files))


class Project:
    """The files below `root`, "" for a project of single files, under the client's settings."""

    def __init__(self, root: str, settings: ClientSettings) -> None:
        self.root = root
        self.settings = settings
        self.contexts = LiveContexts()
        self.configs = Configurations(root or os.getcwd(), settings)
        self.found = _NOTHING
        self._texts = Texts(Buffers(), Buffers())
        self._plan = Plan(())
        self._plan_state: object = None
        self._kept: dict[str, _Kept] = {}
        self._said: tuple[Suppression, ...] = ()
        self._units: dict[str, tuple[Unit, ...]] = {}
        self._earlier: dict[str, Earlier] = {}
        self._ignore_state: object = None
        self._ignore_used = Used()
        self._ignore_reports: dict[str, FileReport] = {}
        self._speaks_of: dict[str, dict[str, list[Finding]]] = {}
        self._spoken_of: dict[str, dict[str, None]] = {}

    def take(self, texts: Texts, *, thorough: bool) -> None:
        """Check from now on what these texts say; `thorough`: files on disk may have changed, too."""
        self._texts = texts
        self._units = {}
        for key in [key for key in self._earlier if texts.buffers.get(path_of(key)) is None]:
            del self._earlier[key]
        self.configs.begin(texts.others)
        self.contexts.begin(texts.others, thorough=thorough)
        self._replan(thorough=thorough)

    def adopt(self, found: Discovery) -> bool:
        """Check also what a search has found; False if that is known."""
        if found == self.found:
            return False
        self.found = found
        self._plan_state = None
        return True

    def search(self) -> Discovery:
        """Search for files in the folder; touches nothing of the project, so that any thread may."""
        return discover([self.root]) if self.root else _NOTHING

    @property
    def plan(self) -> Plan:
        """How all is built."""
        return self._plan

    @property
    def texts(self) -> Texts:
        """What the editor holds, as of the last `take`."""
        return self._texts

    @property
    def jobs(self) -> tuple[Job, ...]:
        """All that there is to check."""
        return self._plan.jobs

    @property
    def paths(self) -> tuple[str, ...]:
        """The real paths of all files that there is something to say of."""
        errors = (error.path for report in self.reports() for error in report.outcome.errors)
        others = (*errors, *(one.path for one in self._plan.errors), *(one.path for one in self.configs.errors))
        spoken_of = (path for path, keys in self._spoken_of.items() if keys)
        return tuple(dict.fromkeys((*spoken_of, *map(os.path.realpath, others))))

    def _replan(self, *, thorough: bool) -> None:
        """Find out anew how all is built, if a text that tells it has changed."""
        texts = self._texts
        told = tuple(
            (path, texts.others.get(path)) for path in texts.others if kind_of(os.path.basename(path)) != OTHER
        )
        named = (texts.dockerfiles, texts.ignore_files, texts.build_files)
        if not thorough and self._plan_state == (named, told, self._written()):
            return
        dockerfiles = self._chosen(texts.dockerfiles, self.found.dockerfiles)
        build_files = self._chosen(texts.build_files, self.found.build_files)
        found = self.found.but(dockerfiles=dockerfiles, build_files=build_files)
        paths = (self.root,) if self.root else ()
        self._plan = plan(found, {}, paths=paths, keeps=self._keeps, buffers=texts.others)
        self._said = tuple(comment for source in self._plan.files for comment in read_entry_suppressions(source))
        self._plan_state = (named, told, self._written())
        for key in self._kept.keys() - {job.key for job in self._plan.jobs}:
            self._file(key, None)

    def _written(self) -> tuple[object, ...]:
        return tuple(_state(source.path) for source in self._plan.files)

    def _keeps(self, path: str) -> bool:
        return not self.configs.of(path).config.excludes(path)

    def _chosen(self, opened: Iterable[str], found: Iterable[str]) -> tuple[str, ...]:
        """The files to look at: those that are open, and those found that are still there; each once."""
        known = {os.path.abspath(path): path for path in opened}
        for path in found:
            if os.path.exists(path):
                known.setdefault(os.path.abspath(path), path)
        return tuple(filter(self._keeps, known.values()))

    def is_fresh(self, job: Job) -> bool:
        """Whether the report on a job is known and still good."""
        kept = self._kept.get(job.key)
        return (
            kept is not None
            and (kept.job is job or kept.job == job)
            and kept.text == self._text(job)
            and kept.loaded is self.configs.of(job.path)
            and (kept.said is self._said or kept.said == self._said)
            and self.contexts.holds(kept.used)
        )

    def check(self, job: Job) -> bool:
        """Make the report on a job, unless it is known; whether it was made."""
        if self.is_fresh(job):
            return False
        self.contexts.start()
        text, loaded = self._text(job), self.configs.of(job.path)
        report = self.report(job, loaded, earlier=self._before(job))
        self._file(job.key, _Kept(job, text, loaded, self._said, self.contexts.used(), report))
        return True

    def report(
        self, job: Job, loaded: Loaded, settings: Settings | None = None, earlier: Earlier | None = None
    ) -> FileReport:
        """The report on a job, made anew."""
        settings = settings or Settings()
        try:
            return check_job(
                job, self.source(job), loaded.selection, self.settings.flags, self.contexts, self._said,
                on_disk=os.path.isabs(job.path), wants_costly_fix=settings.wants_costly_fix, earlier=earlier,
            )  # fmt: skip
        except DfguardError as error:
            return failed(job.path, error)

    def clear(self) -> None:
        """Free what nobody asks for any more, now that nobody waits."""
        for earlier in self._earlier.values():
            earlier.clear()

    def _before(self, job: Job) -> Earlier | None:
        """What was read of a job before, if it is open."""
        if self._texts.buffers.get(job.path) is None:
            return None
        earlier = self._earlier.setdefault(job.key, Earlier())
        earlier.begin()
        return earlier

    def source(self, job: Job) -> Source:
        """The text of a job; raises InputError as `source_of` does."""
        return source_of(job, self._texts.buffers)

    def _text(self, job: Job) -> object:
        """What tells whether the text of a job is still the same."""
        if job.inline is not None:
            return job.inline.source.text
        text = self._texts.buffers.get(job.path)
        return text if text is not None else _state(job.path)

    def units(self, path: str) -> tuple[Unit, ...]:
        """Every build of a Dockerfile, ready to be asked for its models; none for what can't be read."""
        key = os.path.realpath(path)
        if key not in self._units:
            jobs = [job for job in self.jobs if os.path.realpath(job.path) == key and not job.inline and not job.absent]
            self._units[key] = tuple(unit for job in jobs for unit in self._units_of(job))
        return self._units[key]

    def _units_of(self, job: Job) -> Iterator[Unit]:
        earlier = self._earlier.get(job.key)
        if earlier is not None and earlier.units and self.is_fresh(job):
            yield from earlier.units
            return
        try:
            dockerfile = parse(self.source(job))
        except DfguardError:
            return
        given = invocations_of(job, dockerfile, self.settings.flags, on_disk=os.path.isabs(job.path))
        for group in alike(checked(one, dockerfile) for one in given):
            yield Unit(dockerfile, group[0], self.contexts.load, self.contexts.readings)

    def ignore_units(self, path: str) -> tuple[IgnoreUnit, ...]:
        """An ignore file in each context that it is read for; none if it can't be read."""
        builds = [take for kept in self._kept.values() for take in kept.report.takes]
        files = IgnoreFiles((path,), builds, self.contexts)
        real = os.path.realpath(path)
        known = next((one for one in files.paths if os.path.realpath(one) == real), path)
        try:
            return tuple(files.units(known, files.use_of(known)))
        except DfguardError:
            return ()

    def check_ignore_files(self) -> None:
        """Make the reports on ignore files, for all builds that are known by now, unless they are known."""
        named = self._chosen(self._texts.ignore_files, self.found.ignore_files)
        builds = [take for each in self._kept.values() for take in each.report.takes]
        rules = tuple(each.loaded for each in self._kept.values())
        state = (named, tuple(map(_told_of, builds)), self._texts.ignore_texts, rules)
        if (state, self._loaded(self._ignore_reports)) == self._ignore_state and self.contexts.holds(self._ignore_used):
            return
        self.contexts.start()
        reports = check_ignore_files(named, builds, self.contexts, self._selection_near)
        self._ignore_state, self._ignore_used = (state, self._loaded(reports)), self.contexts.used()
        for path in {*self._ignore_reports, *reports}:
            self._index(f"{path}\0", reports.get(path))
        self._ignore_reports = reports

    def _loaded(self, paths: Iterable[str]) -> tuple[Loaded, ...]:
        return tuple(map(self.configs.of, paths))

    def _selection_near(self, path: str, near: Iterable[str]) -> tuple[engine.Selected, ...] | None:
        loaded = self.configs.of(path)
        return None if loaded.config.excludes(path) else loaded.selection

    def reports(self) -> Iterator[FileReport]:
        """All reports that there are."""
        yield from (kept.report for kept in self._kept.values())
        yield from self._ignore_reports.values()

    def _file(self, key: str, kept: _Kept | None) -> None:
        """Put a report in the place of the one before it, None for none."""
        if kept is None:
            self._kept.pop(key, None)
        else:
            self._kept[key] = kept
        self._index(key, kept.report if kept is not None else None)

    def _index(self, key: str, report: FileReport | None) -> None:
        """Note which files a report speaks of."""
        for path in self._speaks_of.pop(key, {}):
            self._spoken_of[path].pop(key, None)
        found: dict[str, list[Finding]] = {}
        for finding in report.outcome.findings if report is not None else ():
            if isinstance(finding.place, Span):
                found.setdefault(finding.place.path, []).append(finding)
        self._speaks_of[key] = {os.path.realpath(path): findings for path, findings in found.items()}
        for path in self._speaks_of[key]:
            self._spoken_of.setdefault(path, {})[key] = None

    def findings(self, path: str) -> tuple[Finding, ...]:
        """What is to be shown in a file, in order."""
        config, real = self.configs.of(path).config, os.path.realpath(path)
        every = (finding for key in self._spoken_of.get(real, ()) for finding in self._speaks_of[key][real])
        return in_order(engine.joined(one for one in every if self.settings.shows(one, config)))

    def errors(self, path: str) -> tuple[RunError, ...]:
        """What went wrong with a file, also with a configuration."""
        wanted = os.path.realpath(path)
        found = [error for report in self.reports() for error in report.outcome.errors]
        found += [RunError(error.path, error.reason) for error in self._plan.errors]
        found += [
            RunError(error.path, f"line {error.line}: {_bare(error)}" if error.line else _bare(error))
            for error in self.configs.errors
        ]
        return tuple(dict.fromkeys(error for error in found if os.path.realpath(error.path) == wanted))


def _told_of(build: BuildTakes) -> tuple[object, ...]:
    """What rules about ignore files look at of a build: not where in the Dockerfile it says so."""
    return build.invocation, tuple((one.keyword, one.pattern, one.reachable, one.ships) for one in build.takes)


def _bare(error: object) -> str:
    return str(error).partition(": ")[2]


def _state(path: str) -> object:
    """What changes when a file does."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_ctime_ns, status.st_size


def texts_of(documents: Iterable[tuple[str, str, str]]) -> Texts:
    """The texts of (path, kind, text) triples."""
    every = tuple(documents)
    of_kind = {kind: tuple(path for path, one, _ in every if one == kind) for kind in {kind for _, kind, _ in every}}
    return Texts(
        Buffers({path: text for path, _, text in every}),
        Buffers({path: text for path, kind, text in every if kind != DOCKERFILE}),
        of_kind.get(DOCKERFILE, ()),
        of_kind.get(IGNORE, ()),
        of_kind.get(BUILD, ()),
    )
