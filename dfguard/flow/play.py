"""The build, played forward: every stage in order, up to what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from dfguard.base.table import Base
from dfguard.context.named import NamedFolder
from dfguard.context.tree import BuildContext
from dfguard.dockerfile.nodes import Instruction, Onbuild, Run
from dfguard.dockerfile.stages import Stage, StageGraph
from dfguard.flow.copied import Events
from dfguard.flow.events import Added, Opaque
from dfguard.flow.filesystem import Filesystem, StageFlow
from dfguard.flow.instructions import play
from dfguard.flow.named_base import lay_base
from dfguard.flow.world import TOO_MANY, World
from dfguard.shell.script import Script
from dfguard.struct import Struct


class Flow(Struct):
    """All stages of a Dockerfile, played in order."""

    stages: tuple[StageFlow, ...]

    @property
    def shipped(self) -> tuple[StageFlow, ...]:
        """The stages whose layers are in the image."""
        return tuple(flow for flow in self.stages if flow.stage.ships)

    @property
    def shipped_files(self) -> Events[Added]:
        """The files that the layers of the image bring, in order."""
        return Events(part for stage in self.shipped for part in stage.added.parts)

    @property
    def target(self) -> StageFlow | None:
        """The stage that becomes the image."""
        return next((flow for flow in self.stages if flow.stage.target), None)

    @property
    def cut(self) -> Iterator[Opaque]:
        """Where files of the image are no longer followed because they are too many."""
        for stage in self.shipped:
            yield from (event for event in stage.others if isinstance(event, Opaque) and event.reason == TOO_MANY)


_NONE: Mapping[str, NamedFolder] = {}


def play_build(
    graph: StageGraph,
    context: BuildContext | None,
    *,
    script: Callable[[Run], Script],
    base: Callable[[Stage], Base],
    watch: Callable[[Instruction, Filesystem], None] | None = None,
    named: Mapping[str, NamedFolder] = _NONE,
) -> Flow:
    """Play all stages. Without a context, files that COPY names literally are still followed.

    `named` are the named contexts that are folders, by name.
    `script` reads a RUN, `base` gives what is known of the image at the root of a stage. `watch` is called
    behind each instruction with the files as they are then.
    """
    world = World(graph, context, script, named)
    for stage in graph.stages:
        parent = world.played[stage.parent] if stage.parent is not None else None
        kept = parent if parent is None or world.takes(len(parent.view)) else None
        state = Filesystem(stage, kept, base(stage))
        if kept is not parent:
            state.opaque(stage.from_, TOO_MANY)
        if stage.named is not None and stage.named in named:
            lay_base(named[stage.named], state, world)
        for instruction in (*_triggers(graph, stage), *stage.instructions):
            state.workdirs[instruction.index] = state.workdir
            play(instruction, state, world)
            state.played.append(instruction)
            if watch is not None:
                watch(instruction, state)
        world.played.append(state.freeze())
    return Flow(tuple(world.played))


def _triggers(graph: StageGraph, stage: Stage) -> Iterator[Instruction]:
    """What ONBUILD of the parent stage adds at the start of this one."""
    for instruction in graph.stages[stage.parent].instructions if stage.parent is not None else ():
        if isinstance(instruction, Onbuild) and instruction.trigger is not None:
            yield instruction.trigger
