"""What a run checks: each Dockerfile with all builds of it that files of the repository describe.

A Dockerfile that no such file names is built as the command line says, else as is inferred.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from dfguard.buffers import ON_DISK, Buffers
from dfguard.build_files import USUAL_NAMES, Project, project_of, read_project
from dfguard.context.invocation import Inline, Invocation
from dfguard.context.invocations.nodes import NoBuildFile
from dfguard.context.invocations.territory import Territory, shown
from dfguard.discovery import Discovery
from dfguard.errors import InputError, UsageError
from dfguard.gitignored import repository_root
from dfguard.source import Source
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.context.invocations.given import Found

_TEMPLATE_SIGNS = ("{{", "{%", "<%")
MAX_ABOVE = 20  # folders above a Dockerfile that are looked through for files that build it


class Job(Struct):
    """One Dockerfile, or one that stands in another file (`inline`), with its builds; none: to be inferred.

    `absent`: what the builds name is not there, so that only the builds themselves can be looked at.
    """

    path: str
    invocations: tuple[Invocation, ...] = ()
    inline: Inline | None = None
    absent: bool = False

    @property
    def key(self) -> str:
        """What tells it from the others of a run."""
        return f"{self.path}\0{self.invocations[0].name}" if self.inline or self.absent else self.path


def path_of(key: str) -> str:
    """The path of a job, by its key."""
    return key.partition("\0")[0]


class Plan(Struct):
    """All jobs of a run, in order; `files` are the texts that describe builds."""

    jobs: tuple[Job, ...]
    files: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    errors: tuple[InputError, ...] = ()


def only(todo: Plan, name: str) -> Plan:
    """The plan with one build: `name` is the whole of it or what stands behind the file, such as `web`.

    Raises UsageError for one that is not there, or that two files have.
    """
    every = dict.fromkeys(invocation.name for job in todo.jobs for invocation in job.invocations)
    wanted = [each for each in every if each == name or each.rpartition(":")[2] == name]
    if len(wanted) != 1:
        known = ", ".join([*(wanted or every)][:8]) or "none"
        raise UsageError(f"--build {name}: {'which one' if wanted else 'there is no such build'}? known: {known}")
    jobs = (job.but(invocations=tuple(i for i in job.invocations if i.name == wanted[0])) for job in todo.jobs)
    return todo.but(jobs=tuple(job for job in jobs if job.invocations))


def plan(
    discovery: Discovery,
    environment: Mapping[str, str],
    *,
    paths: Sequence[str] = (),
    keeps: Callable[[str], bool] = lambda path: True,
    together: Sequence[str] = (),
    buffers: Buffers = ON_DISK,
) -> Plan:
    """The jobs for what a search has found.

    `environment` are the variables that build files may use beside those of their `.env`. `paths` are those
    that the command line names: all in such a folder may be read. `keeps` tells which files are not excluded.
    `together` are build files that are laid over one another in this order. `buffers` stand for files on disk.
    """
    search = _Search(environment, paths, together, buffers)
    search.look_at(discovery.build_files, asked=True)
    for path in discovery.dockerfiles:
        search.look_above(path, keeps)
    return search.plan(discovery.dockerfiles, keeps)


def _is_template(path: str, territory: Territory) -> bool:
    """Whether a file that could not be read is to become a build file only."""
    try:
        return any(sign in territory.source(path).text for sign in _TEMPLATE_SIGNS)
    except InputError:
        return False


class _Search:
    """The builds found so far, by Dockerfile."""

    def __init__(
        self, environment: Mapping[str, str], paths: Sequence[str], together: Sequence[str], buffers: Buffers
    ) -> None:
        self.environment = environment
        self.buffers = buffers
        self.together = tuple(dict.fromkeys(map(os.path.normpath, together)))
        self.folders = sorted((os.path.abspath(path) for path in paths if os.path.isdir(path)), key=len)
        self.named = {os.path.normpath(path) for path in paths}
        self.territories: dict[str, Territory] = {}
        self.seen: set[str] = set()  # folders that were looked through
        self.done: set[str] = set()  # files that were read
        self.invocations: dict[str, list[Invocation]] = {}
        self.more: dict[str, str] = {}  # Dockerfiles of builds that were asked for
        self.inline: list[Invocation] = []
        self.absent: dict[str, list[Invocation]] = {}
        self.files: dict[int, Source] = {}
        self.notes: dict[str, None] = {}
        self.errors: list[InputError] = []

    def territory(self, path: str) -> Territory:
        """What a file may make us read: its repository; outside of one the named or current folder it lies in."""
        folder = os.path.dirname(os.path.abspath(path))
        root = repository_root(folder)
        if root is None:
            around = (*self.folders, os.getcwd())
            root = next((top for top in around if f"{folder}/".startswith(os.path.join(top, ""))), folder)
        if root not in self.territories:
            self.territories[root] = Territory(root, self.buffers.read_source)
        return self.territories[root]

    def look_at(self, paths: Sequence[str], *, asked: bool) -> None:
        """Read the projects that build files belong to, each once.

        A file that another one includes or extends is read on its own only if it is named.
        """
        read = [(path, found) for path in paths if (found := self.read(path, asked=asked)) is not None]
        inner = {os.path.abspath(path) for _, found in read for path in found.inner}
        for path, found in read:
            if path in self.named or os.path.abspath(path) not in inner:
                if asked:
                    self.notes.update(dict.fromkeys(found.notes))
                self.take(found, asked=asked)

    def read(self, path: str, *, asked: bool) -> Found | None:
        """What the project of a build file says, None for one that was read; mistakes in it are noted."""
        if os.path.abspath(path) in self.done:
            return None
        territory = self.territory(path)
        try:
            project = self.project(path, territory)
            self.done.update(map(os.path.abspath, (path, *(() if project.only_own else project.paths))))
            return read_project(project, territory, self.environment)
        except InputError as error:
            if isinstance(error, NoBuildFile) and path not in self.named:
                return None
            if _is_template(error.path, territory):
                self.notes[f"{error.path}: a template, not read: render it first"] = None
            elif asked:
                self.errors.append(error)
            else:
                self.notes[f"{error}: not asked what it builds"] = None
        return None

    def project(self, path: str, territory: Territory) -> Project:
        """The project of a build file: the named ones that go together, else what programs find by themselves."""
        if os.path.normpath(path) not in self.together:
            return project_of(path, territory)
        first = self.together[0]
        return Project(project_of(first, territory).kind, first, self.together)

    def take(self, found: Found, *, asked: bool) -> None:
        """File the builds; those of a project that was not asked for only where they build a known Dockerfile."""
        for invocation in found.invocations:
            key = os.path.abspath(invocation.dockerfile)
            if not asked and (invocation.inline or not os.path.isfile(key)):
                continue
            if invocation.inline is not None:
                self.inline.append(invocation)
            elif os.path.isfile(key):
                self.invocations.setdefault(key, []).append(invocation)
                if asked:
                    self.more.setdefault(key, invocation.dockerfile)
            else:
                place = invocation.place("build")
                assert place is not None
                self.absent.setdefault(place.path, []).append(invocation)
        self.files.update((id(source), source) for source in found.sources)

    def look_above(self, path: str, keeps: Callable[[str], bool]) -> None:
        """Look for files that build a Dockerfile in its folder and those above, up to the repository's root."""
        territory = self.territory(path)
        folder = os.path.dirname(os.path.abspath(path))
        for _ in range(MAX_ABOVE):
            if folder in self.seen or not territory.holds(folder):
                return
            self.seen.add(folder)
            names = (os.path.join(folder, name) for name in USUAL_NAMES)
            here = [shown(name) for name in names if os.path.isfile(name)]
            self.look_at([name for name in here if keeps(name)], asked=False)
            folder = os.path.dirname(folder)

    def plan(self, dockerfiles: Sequence[str], keeps: Callable[[str], bool]) -> Plan:
        """The jobs: the Dockerfiles that were found, then those that only builds name."""
        jobs = [self.job(path) for path in dockerfiles]
        known = set(map(os.path.abspath, dockerfiles))
        jobs += [self.job(path) for key, path in self.more.items() if key not in known and keeps(path)]
        jobs += [Job(i.dockerfile, (i,), i.inline) for i in self.inline]
        jobs += [Job(path, tuple(found), absent=True) for path, found in self.absent.items()]
        return Plan(tuple(jobs), tuple(self.files.values()), tuple(self.notes), tuple(self.errors))

    def job(self, path: str) -> Job:
        return Job(path, tuple(self.invocations.get(os.path.abspath(path), ())))
