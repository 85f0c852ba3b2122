"""How each Dockerfile is built: who says so, with which context, and the Units that follow."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from dfguard.buffers import ON_DISK, Buffers
from dfguard.build_plan import Job
from dfguard.context.ignore import IgnoreFile, find_ignore_file, parse_ignore
from dfguard.context.inside import find_inside
from dfguard.context.invocation import Invocation, InvocationProblem
from dfguard.context.invocations.flags import COMMAND_LINE, Flags
from dfguard.context.invocations.given import NO_TARGET
from dfguard.context.progress import SILENT, Progress
from dfguard.context.tree import BuildContext, read_context
from dfguard.discovery import infer_context
from dfguard.dockerfile.nodes import Add, Copy, Dockerfile
from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.stages import build_graph
from dfguard.errors import InputError, UsageError
from dfguard.source import Source
from dfguard.unit import Unit

if TYPE_CHECKING:
    from dfguard.flow.secret_files import SecretReadings
    from dfguard.secrets.scanner import Deep


class ContextCache:
    """Reads every build context, and every ignore file, once a run, through `buffers`."""

    def __init__(self, progress: Progress = SILENT, deep: Deep | None = None, buffers: Buffers = ON_DISK) -> None:
        self.progress = progress
        self.buffers = buffers
        self._deep = deep
        self._readings: SecretReadings | None = None
        self._contexts: dict[tuple[str, str | None], BuildContext] = {}
        self._ignore_files: dict[str, IgnoreFile] = {}

    def readings(self) -> SecretReadings:
        """The files that were looked into for secrets, once a run, whichever builds share them."""
        if self._readings is None:
            from dfguard.flow.secret_files import SecretReadings

            self._readings = SecretReadings(deep=self._deep)
        return self._readings

    def load(self, invocation: Invocation) -> BuildContext | None:
        """The context of an invocation, with the ignore file that BuildKit would use."""
        if invocation.context is None:
            return None
        path = find_ignore_file(invocation.ignored_beside, invocation.context, builder=invocation.builder)
        return self.read(invocation.context, path)

    def read(self, root: str, ignore_path: str | None) -> BuildContext:
        """The folder `root` through an ignore file, None for none; raises InputError as read_context does."""
        key = (os.path.realpath(root), os.path.normpath(ignore_path) if ignore_path else None)
        if key not in self._contexts:
            ignore = self.ignore_file(ignore_path) if ignore_path else None
            self._contexts[key] = read_context(
                root, ignore, progress=self.progress, unwritten=self.buffers.below(root) if self.buffers else None
            )
        return self._contexts[key]

    def ignore_file(self, path: str) -> IgnoreFile:
        """The ignore file at `path`, whatever its bytes are.

        One that may not be read, or is a link that leads out of its folder, is empty, as it is for the builder,
        and has `unread`. Raises InputError for
        one that is too large.
        """
        key = os.path.normpath(path)
        if key not in self._ignore_files:
            self._ignore_files[key] = _read_ignore_file(path, self.buffers)
        return self._ignore_files[key]


def _read_ignore_file(path: str, buffers: Buffers) -> IgnoreFile:
    folder, name = os.path.split(path)
    inside = find_inside(folder or ".", name) if os.path.islink(path) else name
    if inside is None or not os.path.isfile(os.path.join(folder, inside)):
        return IgnoreFile(Source(path, ""), unread="is a link that leads to no file inside of its folder")
    try:
        data = buffers.read_bytes(os.path.join(folder, inside))
    except InputError as error:
        if isinstance(error.__cause__, PermissionError):
            return IgnoreFile(Source(path, ""), unread=error.reason)
        raise
    return parse_ignore(Source(path, data.decode("utf-8", "surrogateescape")))


def ignore_files_near(invocation: Invocation) -> Iterator[str]:
    """The ignore files in the places where somebody may have put one for this build."""
    folder, name = os.path.split(invocation.dockerfile)
    places = [] if invocation.named else [(folder, ".dockerignore"), (folder, f"{name}.dockerignore")]
    if invocation.context is not None:
        root = "" if invocation.context == "." else invocation.context
        places += [(root, ".dockerignore"), (root, ".containerignore")]
    for place in places:
        path = os.path.join(*place)
        if os.path.isfile(path) or os.path.islink(path):
            yield path


def invocations_of(job: Job, dockerfile: Dockerfile, flags: Flags, *, on_disk: bool = True) -> tuple[Invocation, ...]:
    """The builds of a job, the one that `invocation_of` gives if no file speaks of any; `flags` name the builder."""
    given = job.invocations or (invocation_of(dockerfile, flags, on_disk=on_disk),)
    return tuple(one.but(builder=flags.builder) for one in given)


def invocation_of(dockerfile: Dockerfile, flags: Flags, *, on_disk: bool = True) -> Invocation:
    """The one build of a Dockerfile that no other file speaks of: as the flags say, the rest inferred."""
    path = dockerfile.source.path
    context, why = flags.context, COMMAND_LINE
    if context is None and (on_disk or os.path.dirname(path)):
        context, reason = infer_context(path, _local_sources(dockerfile))
        why = f"inferred: {reason}"
    return flags.invocation(path, context, why)


def checked(invocation: Invocation, dockerfile: Dockerfile) -> Invocation:
    """The invocation as it can be looked at: a target that does not exist is a problem of it, and not its target.

    One that the command line gives stays, so that a user's mistake ends the run.
    """
    place = invocation.place("target")
    if invocation.target is None or place is None or place.path == COMMAND_LINE:
        return invocation
    try:
        build_graph(dockerfile, target=invocation.target)
    except UsageError as error:
        problem = InvocationProblem(NO_TARGET, place, str(error))
        return invocation.but(target=None, problems=(*invocation.problems, problem))
    return invocation


def alike(invocations: Iterable[Invocation]) -> list[list[Invocation]]:
    """The invocations in groups that build the same thing: those of a group differ in names and places only."""
    groups: dict[tuple[object, ...], list[Invocation]] = {}
    for one in invocations:
        named = tuple((named.name, named.kind, named.value) for named in one.named_contexts)
        args = tuple(sorted((name, value is None, value or "") for name, value in one.build_args.items()))
        secrets = None if one.secrets is None else tuple(sorted(secret.id for secret in one.secrets))
        key = (one.context, one.target, args, named, secrets, one.platforms, one.builder)
        groups.setdefault(key, []).append(one)
    return list(groups.values())


def _local_sources(dockerfile: Dockerfile) -> list[str]:
    copies = (i for i in dockerfile.instructions if isinstance(i, (Copy, Add)) and i.from_ is None)
    return [source.raw for copy in copies for source in copy.sources if source.kind == "local"]


def source_of(job: Job, buffers: Buffers = ON_DISK) -> Source:
    """The text of the Dockerfile of a job, empty for one that is not there; raises InputError as read_source does."""
    if job.inline is not None:
        return job.inline.source
    return Source(job.path, "") if job.absent else buffers.read_source(job.path)


def units_of_jobs(
    jobs: Iterable[Job], flags: Flags, progress: Progress = SILENT, deep: Deep | None = None
) -> tuple[Unit, ...]:
    """Every build of some Dockerfiles, ready to be asked for its models; contexts are read once for all of them.

    `deep` is a further engine that looks for secrets.

    Raises InputError for a file that can't be read.
    """
    contexts = ContextCache(progress, deep)
    units = []
    for job in jobs:
        dockerfile = parse(source_of(job))
        for invocation in invocations_of(job, dockerfile, flags):
            units.append(Unit(dockerfile, checked(invocation, dockerfile), contexts.load, contexts.readings))
    return tuple(units)


def units_of(paths: Sequence[str], flags: Flags) -> tuple[Unit, ...]:
    """As `units_of_jobs`, for Dockerfiles that no other file says how to build."""
    return units_of_jobs([Job(path) for path in paths], flags)
