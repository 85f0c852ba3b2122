"""What each line takes of a build context that is there: COPY, ADD and bind mounts, stage by stage.

A builder asks for the paths of these lines only
(https://github.com/moby/buildkit/blob/master/frontend/dockerfile/dockerfile2llb/convert.go, ctxPaths).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dfguard.context import glob
from dfguard.context.tree import BuildContext, ContextFile, Selected
from dfguard.dockerfile.nodes import Add, Copy, From, Instruction, Onbuild
from dfguard.dockerfile.stages import Stage, StageGraph
from dfguard.flow.takes import named_sources, pattern, sources
from dfguard.source import Span
from dfguard.struct import Struct

_ADDRESSES = ("http:/", "https:/", "ftp:/", "git:/", "ssh:/", "git@")  # cleaned


class Taking(Struct):
    """One source of a COPY or ADD, or one bind mount, and what it takes.

    `kind` is `copy`, `add`, `mount` or `from` (a named context that a stage starts with); `place` the word, for a
    mount its flag. `stage` is the stage that
    gets it, for a trigger of ONBUILD the one that is FROM its stage. `source` is the path or pattern,
    clean and with its variables replaced, None when one of them has no known value.
    """

    kind: str
    instruction: Instruction
    stage: Stage
    place: Span
    source: str | None
    selected: tuple[Selected, ...]

    @property
    def files(self) -> Iterator[ContextFile]:
        """All entries that are taken, folders included; one may come twice where patterns overlap."""
        for selected in self.selected:
            if selected.entry is not None and selected.entry.kind == "dir":
                yield selected.entry
            yield from selected.below


def takings(graph: StageGraph, context: BuildContext, name: str | None = None) -> tuple[Taking, ...]:
    """All lines that take from the context, in order of stages; those of stages that nobody needs too.

    `name` is that of a named context, None for the build context.
    """
    if name is not None:
        return tuple(_named_takings(graph, context, name))
    return tuple(
        Taking(_kind(node), node, stage, place, source, context.sources(source) if source is not None else ())
        for stage in graph.stages
        for node in (*_triggers(graph, stage), *stage.instructions)
        for place, raw in sources(node)
        for source in (pattern(graph, node, raw),)
        if not (isinstance(node, Add) and source is not None and source.startswith(_ADDRESSES))
    )


def _named_takings(graph: StageGraph, context: BuildContext, name: str) -> Iterator[Taking]:
    for stage in graph.stages:
        for node, place, raw in named_sources(graph, stage, name, _triggers(graph, stage)):
            source = pattern(graph, node, raw)
            selected = context.sources(source) if source is not None else ()
            yield Taking(_kind(node), node, stage, place, source, selected)


def _kind(node: Instruction) -> str:
    if isinstance(node, From):
        return "from"
    return "copy" if isinstance(node, Copy) else "add" if isinstance(node, Add) else "mount"


def _triggers(graph: StageGraph, stage: Stage) -> Iterator[Instruction]:
    for node in graph.stages[stage.parent].instructions if stage.parent is not None else ():
        if isinstance(node, Onbuild) and node.trigger is not None:
            yield node.trigger


def sent(found: Iterable[Taking]) -> frozenset[str]:
    """The paths that a builder asks for: those of stages that the target needs."""
    return frozenset(entry.path for taking in found if taking.stage.reachable for entry in taking.files)


def would_take(taking: Taking, path: str) -> bool:
    """Whether a line would take `path`, a file or folder of the context, if it were there and kept."""
    if taking.source is None:
        return False
    parts = path.split("/")
    folders = ("/".join(parts[:end]) for end in range(len(parts) + 1))
    if not glob.has_wildcard(taking.source):
        return any(folder == taking.source for folder in folders)
    matches = glob.read(taking.source).matches
    return any(matches(folder) for folder in folders)
