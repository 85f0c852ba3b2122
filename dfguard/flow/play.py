"""The build, played forward: every stage in order, up to what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable

from dfguard.base.table import Base
from dfguard.context.tree import BuildContext
from dfguard.dockerfile.nodes import Run
from dfguard.dockerfile.stages import Stage, StageGraph
from dfguard.flow.filesystem import Filesystem, StageFlow
from dfguard.flow.instructions import World, play
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
    def target(self) -> StageFlow | None:
        """The stage that becomes the image."""
        return next((flow for flow in self.stages if flow.stage.target), None)


def play_build(
    graph: StageGraph,
    context: BuildContext | None,
    *,
    script: Callable[[Run], Script],
    base: Callable[[Stage], Base],
) -> Flow:
    """Play all stages. Without a context, files that COPY names literally are still followed."""
    played: tuple[StageFlow, ...] = ()
    for stage in graph.stages:
        parent = played[stage.parent] if stage.parent is not None else None
        state = Filesystem(stage, parent, base(stage).workdir)
        world = World(graph, context, played, script, graph.dockerfile.escape)
        for instruction in stage.instructions:
            play(instruction, state, world)
        played = (*played, state.freeze())
    return Flow(played)
