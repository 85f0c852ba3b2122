"""Caches of package managers mounted, so that a build does not download what an earlier one has."""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.dockerfile.nodes import Cmd, Copy, Entrypoint, Env, Run
from dfguard.edit import Edit, Fix, Refusal
from dfguard.restructure.cached_calls import mounts, uncached
from dfguard.restructure.commands import without_command
from dfguard.restructure.frontends import MOUNT, reads
from dfguard.restructure.layout import flag_of, lines_before
from dfguard.restructure.surroundings import Surroundings
from dfguard.toolchains.caches import Cache

_KEEP = "echo 'Binary::apt::APT::Keep-Downloaded-Packages \"true\";' > /etc/apt/apt.conf.d/keep-cache"
_APT = ("apt-get", "apt")
_OFFLINE = ("--no-restore", "--offline", "--no-index", "--frozen")
_KEPT = ("/var/lib/apt/lists", "/var/cache/apt")


def cache_mounted(cache: Cache, around: Surroundings) -> Fix | Refusal:
    """The fix that mounts the cache of one package manager for all its calls of a stage."""
    runs = [run for run in around.runs if _calls(run, cache, around) and not mounts(run, cache)]
    reason = _refused(cache, runs, around)
    if reason:
        return Refusal(reason)
    syntax = reads(around, MOUNT)
    if isinstance(syntax, Refusal):
        return syntax
    edits: list[Edit] = [*syntax]
    for run in runs:
        sharing = ",sharing=locked" if cache.locked else ""
        flags = " ".join(f"--mount=type=cache,target={folder}{sharing}" for folder in cache.folders)
        edits.append(flag_of(run, flags))
        if cache.manager == "apt-get":
            cleared = list(_cleared(run, around))
            if None in cleared:
                return Refusal(f"what the RUN on line {run.start_line} removes can't be taken out")
            edits += [edit for edit in cleared if edit is not None]
    assumptions = ["all builds of the builder may share the cache"]
    if cache.manager == "apt-get":
        edits.append(lines_before(runs[0], [f"RUN rm -f /etc/apt/apt.conf.d/docker-clean && {_KEEP}"]))
        assumptions.append("apt may keep what it downloads in containers of the image")
    title = f"mount the cache of {cache.manager} in {len(runs)} RUN{'' if len(runs) == 1 else 's'}"
    return Fix.structural(title, *edits, assumptions=assumptions, brings=["DG510", "DG501"])


def _calls(run: Run, cache: Cache, around: Surroundings) -> bool:
    script = around.script(run)
    return script is not None and any(uncached(command) is cache for command in script.commands)


def _refused(cache: Cache, runs: list[Run], around: Surroundings) -> str:
    """Why the cache may not be where it is mounted, or be needed behind the RUN."""
    stage = around.stage
    if not all(around.runs_as_root(run) for run in runs) or not around.base.known:
        return "whether it runs as root, whose cache is known, is not sure"
    if cache.manager == "apt-get" and around.base.family not in ("debian", "ubuntu"):
        return "the base image is not known to be of Debian or Ubuntu"
    alone = _stands_alone(cache, runs, around)
    if alone:
        return alone
    moved = [name for name in (*cache.off, "HOME") if name in around.graph.scope_at(runs[-1]).env]
    if moved:
        return f"{moved[0]} may move its cache elsewhere, or switch it off"
    if any(other.parent == stage.index for other in around.graph.stages):
        return "a stage that is FROM this one may need what it has downloaded"
    for node in stage.instructions:
        if isinstance(node, (Env, Cmd, Entrypoint)) and any(folder in node.span.text for folder in cache.folders):
            return f"line {node.start_line} names its cache"
        started = isinstance(node, (Cmd, Entrypoint)) and cache.manager in node.span.text
        if started and cache.runs:
            return f"the container starts {cache.manager}, which may need what it has downloaded"
    for node in around.dockerfile.instructions:
        sources = node.sources if isinstance(node, Copy) and node.from_ is not None else ()
        if any(folder.startswith(source.raw.rstrip("/")) for source in sources for folder in cache.folders):
            return f"line {node.start_line} copies its cache"
    return ""


def _stands_alone(cache: Cache, runs: list[Run], around: Surroundings) -> str:
    """Why a RUN needs what an earlier one has downloaded: its layer may be cached still when the mount is empty."""
    for run in around.runs:
        script = around.script(run)
        commands = script.commands if script is not None and not script.gaps else ()
        words = [[operand.text for operand in each.operands[:1]] for each in commands if each.program in _APT]
        offline = (*_OFFLINE, "-o") if cache.manager == "mvn" else _OFFLINE
        if run in runs and (run.flag("network") is not None or any(each.has(*offline) for each in commands)):
            return f"the RUN on line {run.start_line} downloads nothing itself"
        if cache.manager != "apt-get":
            continue
        if run in runs and ["install"] in words and ["update"] not in words:
            return f"the RUN on line {run.start_line} installs by the lists of an earlier one"
        if not commands or any(
            "/" in each.program_span.text or each.program in ("make", "source") for each in commands
        ):
            return f"what the RUN on line {run.start_line} calls may need the lists of an earlier one"
    return ""


def _cleared(run: Run, around: Surroundings) -> Iterator[Edit | None]:
    """The edits that leave the mounted lists and packages alone; None for what can't be taken out."""
    script = around.script(run)
    for command in script.commands if script is not None else ():
        words = [operand.text for operand in command.operands]
        cleans = command.program in ("apt-get", "apt") and not {"clean", "autoclean"}.isdisjoint(words)
        if cleans or (command.program == "rm" and any(folder in word for word in words for folder in _KEPT)):
            only = cleans or all(word.startswith(_KEPT) for word in words)
            yield without_command(around.dockerfile, run, script, command) if script is not None and only else None
