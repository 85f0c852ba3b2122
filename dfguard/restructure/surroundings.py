"""What a rewrite needs to know around the place that it rewrites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dfguard.base.table import Base
from dfguard.dockerfile.nodes import Dockerfile, Run
from dfguard.dockerfile.stages import Stage, StageGraph
from dfguard.flow.filesystem import StageFlow
from dfguard.flow.stage_commands import StageCommands
from dfguard.restructure.users import user_at
from dfguard.shell.script import Script
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.context.tree import BuildContext
    from dfguard.dockerfile.features import Frontend

ROOT = ("root", "0")


class Surroundings(Struct):
    """The stage that is rewritten, with its file, its commands, its files as they are played, and the build context."""

    dockerfile: Dockerfile
    graph: StageGraph
    stage: Stage
    base: Base
    commands: StageCommands
    flow: StageFlow
    context: BuildContext | None
    frontend: Frontend | None

    @staticmethod
    def of(unit: Any, stage: Stage) -> Surroundings:
        """Those of a stage of a `unit.Unit`."""
        commands, flow = unit.commands_by_stage[stage.index], unit.flow.stages[stage.index]
        return Surroundings(
            unit.dockerfile, unit.graph, stage, unit.base(stage), commands, flow, unit.context, unit.frontend
        )

    @property
    def runs(self) -> list[Run]:
        """The RUNs of the stage."""
        return [node for node in self.stage.instructions if isinstance(node, Run)]

    def script(self, run: Run) -> Script | None:
        """The script of a RUN of the stage."""
        return next((script for each, script in self.commands.scripts if each is run), None)

    def runs_as_root(self, run: Run) -> bool:
        """Whether a RUN is surely one of root's."""
        user = user_at(run, self.stage, self.graph, self.base)
        return (user or "").partition(":")[0] in ROOT
