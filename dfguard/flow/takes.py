"""What builds take from their context: the sources of COPY, ADD and bind mounts, before any file is looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from dfguard.context import glob
from dfguard.context.ignore import clean
from dfguard.context.invocation import Invocation
from dfguard.context.tree import BuildContext
from dfguard.dockerfile.nodes import Add, Copy, Instruction, Run
from dfguard.dockerfile.stages import Stage, StageGraph
from dfguard.dockerfile.words import expand
from dfguard.source import Span
from dfguard.struct import Struct

NO_FILE = ("url", "git", "heredoc", "stage")  # kinds of sources that are not taken from the context
WHOLE = ""


class Take(Struct):
    """One source that an instruction takes from the context.

    `keyword` is COPY, ADD or RUN (a bind mount). `pattern` is relative to the root and clean, WHOLE for all
    of the context, None when it needs a variable without a known value. `reachable`: the target needs the
    stage.
    """

    span: Span
    keyword: str
    pattern: str | None
    reachable: bool = True
    ships: bool = True


class BuildTakes(Struct):
    """All that one build takes from its context."""

    invocation: Invocation
    takes: tuple[Take, ...]


def named_takes(graph: StageGraph, name: str) -> tuple[Take, ...]:
    """As `takes`, for the named context `name`."""
    return tuple(
        Take(place, node.name, pattern(graph, node, raw), stage.reachable, stage.ships)
        for stage in graph.stages
        for node, place, raw in named_sources(graph, stage, name)
    )


def named_sources(
    graph: StageGraph, stage: Stage, name: str, before: Iterable[Instruction] = ()
) -> Iterator[tuple[Instruction, Span, str]]:
    """Instruction, place and text of all that a stage takes from a named context; FROM takes all of it.

    `before` are the instructions that it plays first.
    """
    if stage.named == name:
        place = stage.from_.alias if stage.replaced and stage.from_.alias is not None else stage.from_.image
        yield stage.from_, place.span, ""
    named = [reference for reference in graph.references if reference.named == name]
    copies = {id(reference.instruction) for reference in named if reference.kind == "copy"}
    mounts = [reference.span for reference in named if reference.kind == "mount"]
    for node in (*before, *stage.instructions):
        if isinstance(node, Copy) and id(node) in copies:
            yield from ((node, source.span, source.raw) for source in node.sources if source.heredoc is None)
        elif isinstance(node, Run):
            for mount in node.mounts:
                if any(mount.span.contains(span) for span in mounts):
                    yield node, mount.span, mount.source or ""


def takes(graph: StageGraph) -> tuple[Take, ...]:
    """The sources of all stages, in order of the file; triggers of ONBUILD belong to other builds."""
    return tuple(take for node in graph.dockerfile.instructions for take in _of(node, graph))


def _of(node: Instruction, graph: StageGraph) -> Iterator[Take]:
    stage = graph.stage_of(node)
    if stage is not None:
        for place, raw in sources(node):
            yield Take(place, node.name, pattern(graph, node, raw), stage.reachable, stage.ships)


def sources(node: Instruction) -> Iterator[tuple[Span, str]]:
    """Place and text of each source of an instruction that lies in the context; none for ONBUILD."""
    if isinstance(node, (Copy, Add)) and node.from_ is None:
        for source in node.sources:
            if source.kind not in NO_FILE:
                yield source.span, source.raw
    elif isinstance(node, Run):
        for mount in node.mounts:
            if mount.type == "bind" and mount.from_ is None:
                yield mount.span, mount.source or ""


def pattern(graph: StageGraph, node: Instruction, raw: str) -> str | None:
    """The text of a source as in `Take`."""
    read = expand(raw, graph.scope_at(node).get, graph.dockerfile.escape)
    return None if read.unknown or read.error else clean("/" + read.value)[1:]


class IgnoreUse(Struct):
    """Who reads the ignore file at `path`, of all builds that are known.

    `readers` do. Of the others, `beside` have their Dockerfile in its folder, `rooted` have its folder as
    their context, and the context of those `around` is a folder above. `instead` is the ignore file that a
    build with its folder as context reads, "" for none.
    """

    path: str
    readers: tuple[BuildTakes, ...] = ()
    beside: tuple[BuildTakes, ...] = ()
    rooted: tuple[BuildTakes, ...] = ()
    around: tuple[BuildTakes, ...] = ()
    instead: str = ""


class Taken:
    """What all known builds take from one context; `builds` is empty when none is known."""

    def __init__(self, builds: tuple[BuildTakes, ...], context: BuildContext) -> None:
        self.builds = builds
        self.context = context

    @cached_property
    def all(self) -> tuple[Take, ...]:
        """The takes of all builds."""
        return tuple(take for build in self.builds for take in build.takes)

    @cached_property
    def unknown(self) -> bool:
        """Whether something is taken whose name is not known."""
        return any(take.pattern is None for take in self.all)

    @cached_property
    def paths(self) -> frozenset[str]:
        """The kept entries that stages which are built take."""
        patterns = {take.pattern for take in self.all if take.pattern is not None and take.reachable}
        if WHOLE in patterns:
            return frozenset(entry.path for entry in self.context.files)
        return frozenset(path for pattern in patterns for path in self._selected(pattern))

    def _selected(self, pattern: str) -> Iterator[str]:
        for selected in self.context.sources(pattern):
            yield from (entry.path for entry in selected.below)
            if selected.entry is not None:
                yield selected.entry.path

    def takes(self, path: str) -> bool:
        """Whether a build takes the kept entry at `path`; when no build is known, or all of one is, any is."""
        return not self.builds or self.unknown or path in self.paths

    def naming(self, path: str) -> Take | None:
        """A source that names `path`, or something below it, and not only a folder above."""
        return next((take for take in self.all if take.pattern and names(take.pattern, path)), None)


def names(pattern: str, path: str) -> bool:
    """Whether a source is about `path` itself or about what lies below it."""
    parts, wanted = pattern.split("/"), path.split("/")
    if len(parts) < len(wanted):
        return False
    return all(glob.read(part).matches(name) for part, name in zip(parts, wanted, strict=False))
