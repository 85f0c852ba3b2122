"""Which ignore files a run looks at, in which contexts, and which builds read them.

Looked at are those that are named, those that the search finds, and those that the builds of the run
read. Each is taken once for every context that it is read for.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import partial

from dfguard.builds import ContextCache, ignore_files_near, invocation_of
from dfguard.context.ignore import find_ignore_file
from dfguard.context.invocation import Invocation
from dfguard.context.invocations.flags import Flags
from dfguard.discovery import is_dockerfile_name, looks_like_dockerfile, read_source
from dfguard.dockerfile.nodes import Dockerfile
from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.stages import build_graph
from dfguard.errors import DfguardError
from dfguard.flow.takes import BuildTakes, IgnoreUse, takes
from dfguard.ignore_unit import IgnoreUnit

MAX_NEIGHBOURS = 50  # Dockerfiles in the folder of a named ignore file, read to know who uses it


class IgnoreFiles:
    """The ignore files to look at: those `named`, those that builds read, and those that lie near one.

    For a file that none of the builds reads, the Dockerfiles beside it are looked at too.
    """

    def __init__(self, named: Iterable[str], builds: Iterable[BuildTakes], contexts: ContextCache) -> None:
        self.contexts = contexts
        self._builds = _Builds()
        near: dict[str, None] = {}
        for build in builds:
            self._builds.add(build)
            near.update(dict.fromkeys(ignore_files_near(build.invocation)))
        paths = dict.fromkeys((*named, *self._builds.read.values(), *near))
        self.paths = sorted({os.path.normpath(path): path for path in reversed(paths)}.values())

    def use_of(self, path: str) -> IgnoreUse:
        """Who reads an ignore file, and who might have been meant to."""
        if os.path.normpath(path) not in self._builds.read:
            for build in _beside(path, self._builds):
                self._builds.add(build)
        return self._builds.use_of(path)

    def units(self, path: str, use: IgnoreUse) -> Iterator[IgnoreUnit]:
        """One for each context that the file is read for; if for none, one with its own folder as the context.

        Raises InputError for a file that can't be read.
        """
        ignore = self.contexts.ignore_file(path)
        for group in self._builds.readers.get(os.path.normpath(path), {}).values():
            root = group[0].invocation.context or "."
            yield IgnoreUnit(ignore, partial(self.contexts.read, root, path), tuple(group), use)
        if not use.readers:
            folder, name = os.path.split(path)
            alone = name in (".dockerignore", ".containerignore")
            yield IgnoreUnit(
                ignore, partial(self.contexts.read, folder or ".", path) if alone else lambda: None, (), use
            )


class _Builds:
    """The builds that are known, by ignore file, by context and by the folder of the Dockerfile."""

    def __init__(self) -> None:
        self.read: dict[str, str] = {}
        self.readers: dict[str, dict[str, list[BuildTakes]]] = {}
        self.by_context: dict[str, list[BuildTakes]] = {}
        self.by_folder: dict[str, list[BuildTakes]] = {}
        self.dockerfiles: set[str] = set()

    def add(self, build: BuildTakes) -> None:
        """Note a build."""
        invocation = build.invocation
        dockerfile = os.path.normpath(invocation.dockerfile)
        self.dockerfiles.add(dockerfile)
        if not invocation.named:
            self.by_folder.setdefault(os.path.dirname(dockerfile), []).append(build)
        if invocation.context is None:
            return
        root = os.path.realpath(invocation.context)
        self.by_context.setdefault(root, []).append(build)
        path = find_ignore_file(invocation.ignored_beside, invocation.context, builder=invocation.builder)
        if path is not None:
            key = os.path.normpath(path)
            self.read.setdefault(key, path)
            self.readers.setdefault(key, {}).setdefault(root, []).append(build)

    def use_of(self, path: str) -> IgnoreUse:
        """Who reads an ignore file, of the builds noted."""
        folder = os.path.dirname(os.path.normpath(path))
        real = os.path.realpath(folder or ".")
        readers = [build for group in self.readers.get(os.path.normpath(path), {}).values() for build in group]
        around = [build for above in _parents(real) for build in self.by_context.get(above, ())]
        return IgnoreUse(
            path, tuple(readers), tuple(self.by_folder.get(folder, ())), tuple(self.by_context.get(real, ())),
            tuple(around), self._instead(real),
        )  # fmt: skip

    def _instead(self, real: str) -> str:
        """The ignore file that the first build reads whose context is a folder."""
        for build in self.by_context.get(real, ())[:1]:
            given = build.invocation
            return find_ignore_file(given.ignored_beside, given.context or ".", builder=given.builder) or ""
        return ""


def _parents(path: str) -> Iterator[str]:
    while (above := os.path.dirname(path)) != path:
        yield above
        path = above


def _beside(path: str, known: _Builds) -> Iterator[BuildTakes]:
    """The builds of the Dockerfiles in the folder of an ignore file that the run does not know."""
    folder = os.path.dirname(path)
    try:
        names = sorted(os.listdir(folder or "."))
    except OSError:
        return
    for name in [name for name in names if is_dockerfile_name(name)][:MAX_NEIGHBOURS]:
        here = os.path.join(folder, name)
        if os.path.normpath(here) not in known.dockerfiles and not os.path.islink(here):
            try:
                dockerfile = parse(read_source(here))
                if looks_like_dockerfile(dockerfile.source.text):
                    yield takes_of(dockerfile, invocation_of(dockerfile, Flags()))
            except DfguardError:  # it is not what was asked for
                continue


def takes_of(dockerfile: Dockerfile, invocation: Invocation) -> BuildTakes:
    """What a build takes from its context; raises UsageError for an unknown target."""
    graph = build_graph(dockerfile, target=invocation.target, build_args=invocation.build_args)
    return BuildTakes(invocation, takes(graph))
