"""What a run checks: each Dockerfile with all builds of it that files of the repository describe.

A Dockerfile that no such file names is built as the command line says, else as is inferred.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence

from dfguard.build_files import USUAL_NAMES, project_of, read_project
from dfguard.context.invocation import Inline, Invocation
from dfguard.context.invocations.given import Found
from dfguard.context.invocations.territory import Territory, shown
from dfguard.discovery import Discovery, read_source
from dfguard.errors import InputError
from dfguard.gitignored import repository_root
from dfguard.source import Source
from dfguard.struct import Struct

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


def plan(
    discovery: Discovery,
    environment: Mapping[str, str],
    *,
    folders: Iterable[str] = (),
    keeps: Callable[[str], bool] = lambda path: True,
) -> Plan:
    """The jobs for what a search has found.

    `environment` are the variables that build files may use beside those of their `.env`. `folders` are those
    that the command line names, so that all in them may be read. `keeps` tells which files are not excluded.
    """
    search = _Search(environment, folders)
    search.look_at(discovery.build_files, asked=True)
    for path in discovery.dockerfiles:
        search.look_above(path, keeps)
    return search.plan(discovery.dockerfiles, keeps)


class _Search:
    """The builds found so far, by Dockerfile."""

    def __init__(self, environment: Mapping[str, str], folders: Iterable[str]) -> None:
        self.environment = environment
        self.folders = sorted(map(os.path.abspath, folders), key=len)
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
            self.territories[root] = Territory(root, read_source)
        return self.territories[root]

    def look_at(self, paths: Sequence[str], *, asked: bool) -> None:
        """Read the projects that build files belong to, each once.

        Mistakes in those that nobody asked for are remarks.
        """
        for path in paths:
            if os.path.abspath(path) in self.done:
                continue
            try:
                project = project_of(path, self.territory(path))
                self.done.update(map(os.path.abspath, (path, *(() if project.only_own else project.paths))))
                found = read_project(project, self.territory(path), self.environment)
            except InputError as error:
                if asked:
                    self.errors.append(error)
                else:
                    self.notes[f"{error}: not asked what it builds"] = None
                continue
            if asked:
                self.notes.update(dict.fromkeys(found.notes))
            self.take(found, asked=asked)

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
