"""Who runs a RUN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.dockerfile.nodes import Instruction, Run, User

if TYPE_CHECKING:
    from dfguard.base.table import Base
    from dfguard.dockerfile.stages import Stage, StageGraph


def user_at(run: Run, stage: Stage, graph: StageGraph, base: Base | None) -> str | None:
    """The user that a RUN runs as, None for one that is not known and for the base's unknown one."""
    current: Stage | None = stage
    while current is not None:
        users = [node for node in current.instructions if isinstance(node, User) and _before(node, run, stage)]
        if users:
            word = users[-1].user
            expanded = graph.scope_at(users[-1]).expand(word.raw) if word is not None else None
            return expanded.value if expanded and not expanded.unknown and not expanded.error else None
        current = graph.stages[current.parent] if current.parent is not None else None
    return base.user if base is not None and base.known else None


def _before(node: Instruction, run: Run, stage: Stage) -> bool:
    return node.stage_index != stage.index or node.index < run.index
