"""Instruction -> events: which of them change files, the working directory or the user."""

from __future__ import annotations

from dfguard.dockerfile.nodes import Add, Copy, Instruction, Run, User, Volume, Workdir
from dfguard.flow.copying import copy
from dfguard.flow.filesystem import Filesystem
from dfguard.flow.paths import UNKNOWN, join
from dfguard.flow.running import run
from dfguard.flow.world import World


def play(instruction: Instruction, state: Filesystem, world: World) -> None:
    """Apply one instruction to the stage's files."""
    if isinstance(instruction, (Copy, Add)):
        copy(instruction, state, world)
    elif isinstance(instruction, Run):
        run(instruction, state, world)
    elif isinstance(instruction, Workdir) and instruction.path:
        path = world.value(instruction, instruction.path)
        if path is None:
            state.workdir = UNKNOWN
        else:
            state.enter(path, instruction, instruction.path.span)
    elif isinstance(instruction, User):
        state.user = instruction
        state.user_name = world.value(instruction, instruction.user) if instruction.user else None
    elif isinstance(instruction, Volume):
        paths = (world.value(instruction, word) for word in instruction.paths)
        state.volumes += tuple(join("/", path) for path in paths if path)
