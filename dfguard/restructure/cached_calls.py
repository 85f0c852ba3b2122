"""Calls of package managers that keep what they download, and whether that is mounted."""

from __future__ import annotations

from dfguard.dockerfile.nodes import Run
from dfguard.shell.commands import Command
from dfguard.toolchains.caches import BY_MANAGER, Cache


def uncached(command: Command) -> Cache | None:
    """The cache that a call would use, None for one that downloads nothing."""
    cache = BY_MANAGER.get("apt-get" if command.program == "apt" else command.program.removesuffix("3"))
    if cache is None or (cache.verbs and not any(operand.text in cache.verbs for operand in command.operands[:1])):
        return None
    return cache


def mounts(run: Run, cache: Cache) -> bool:
    """Whether a RUN has one of the folders of a cache mounted, or one that they lie in."""
    targets = [mount.target.rstrip("/") for mount in run.mounts if mount.target]
    return any(folder == target or folder.startswith(f"{target}/") for folder in cache.folders for target in targets)
