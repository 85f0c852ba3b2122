"""Instruction -> events: COPY, ADD, WORKDIR, USER, and what RUN does with rm, mv, cp and `>`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dfguard.context.tree import BuildContext
from dfguard.dockerfile.nodes import Add, Copy, CopySource, Instruction, Run, User, Word, Workdir
from dfguard.dockerfile.stages import StageGraph
from dfguard.dockerfile.words import expand
from dfguard.flow.events import COMMAND, CONTEXT, HEREDOC, REMOTE, STAGE, Added, Origin
from dfguard.flow.filesystem import Filesystem, StageFlow
from dfguard.flow.paths import UNKNOWN, join, matching, unpacks
from dfguard.shell.commands import Argument
from dfguard.shell.effects import ChangesDirectory, Copies, Effect, Moves, Opaque, Removes, Writes, effects
from dfguard.shell.script import Script
from dfguard.source import Span
from dfguard.struct import Struct

HEAD = 8192  # enough bytes to see a tar header behind any of the compressions


class Picked(Struct):
    """One file that a source word names: its path `relative` to the destination folder.

    `inside` is true for a file in a folder that the word names: the folder's content is copied.
    """

    relative: str
    origin: Origin
    hops: tuple[Span, ...] = ()
    certain: bool = True
    inside: bool = False


class World(Struct):
    """What a stage is played in: the graph, the context, the stages played so far, the scripts."""

    graph: StageGraph
    context: BuildContext | None
    played: tuple[StageFlow, ...]
    script: Callable[[Run], Script]
    escape: str


def play(instruction: Instruction, state: Filesystem, world: World) -> None:
    """Apply one instruction to the stage's files."""
    if isinstance(instruction, (Copy, Add)):
        _copy(instruction, state, world)
    elif isinstance(instruction, Run):
        _run(instruction, state, world)
    elif isinstance(instruction, Workdir) and instruction.path:
        path = _value(instruction, instruction.path, world)
        state.workdir = join(state.workdir, path) if path is not None else UNKNOWN
        state.folders.add(state.workdir)
    elif isinstance(instruction, User):
        state.user = instruction
        state.user_name = _value(instruction, instruction.user, world) if instruction.user else None


def _value(instruction: Instruction, word: Word, world: World) -> str | None:
    if "$" not in word.raw and not set(word.raw) & {'"', "'", world.escape}:
        return word.raw
    expanded = expand(word.raw, world.graph.scope_at(instruction).get, world.escape)
    return None if expanded.unknown else expanded.value


def _copy(instruction: Copy | Add, state: Filesystem, world: World) -> None:
    if instruction.destination is None:
        return
    written = _value(instruction, instruction.destination, world)
    target = UNKNOWN if written is None else join(state.workdir, written)
    picked = [(source, item) for source in instruction.sources for item in _pick(instruction, source, state, world)]
    folder = len(picked) > 1 or written is None or _names_folder(written) or state.is_folder(target)
    for source, item in picked:
        path = join(target, item.relative) if folder or item.inside else target
        certain = item.certain and written is not None
        state.add(Added(path, instruction, state.stage.index, source.span, item.origin, item.hops, certain))


def _names_folder(destination: str) -> bool:
    return destination.endswith(("/", "/.")) or destination in (".", "..")


def _pick(instruction: Copy | Add, source: CopySource, state: Filesystem, world: World) -> Iterator[Picked]:
    if source.heredoc is not None:
        yield Picked(source.heredoc.name, Origin(HEREDOC, source.heredoc.name, source.heredoc.opener))
        return
    path = _value(instruction, source.word, world)
    if path is None or source.kind in ("url", "git"):
        name = source.raw.rstrip("/").rpartition("/")[2] or source.raw
        yield Picked(name, Origin(REMOTE, source.raw, source.span), certain=False)
    elif instruction.from_ is not None:
        yield from _from_stage(instruction, source, path, world)
    elif isinstance(instruction, Add) and _is_archive(path, world.context):
        state.opaque(instruction, f"ADD unpacks {path}")
    else:
        yield from _from_context(instruction, source, path, world.context)


def _from_stage(instruction: Copy | Add, source: CopySource, path: str, world: World) -> Iterator[Picked]:
    reference = next((r for r in world.graph.references if r.kind == "copy" and r.instruction is instruction), None)
    index = reference.stage if reference else None
    root = join("/", path)
    name = root.rpartition("/")[2]
    if index is None or index >= len(world.played):
        yield Picked(name, Origin(REMOTE, path, source.span), certain=False)
        return
    view = world.played[index].view
    found = matching(root, view)
    depth = 0 if root == "/" else root.count("/")
    for place in found:
        added = view[place]
        relative, inside = _relative(place.lstrip("/"), depth)
        yield Picked(relative, added.origin, (*added.hops, source.span), added.certain, inside)
    if not found:
        yield Picked(name, Origin(STAGE, root, source.span), (source.span,), certain=False)


def _relative(path: str, depth: int) -> tuple[str, bool]:
    """A path seen from the destination, and whether it lies inside a folder that is `depth` names deep."""
    parts = path.split("/")
    return ("/".join(parts[depth:]), True) if len(parts) > depth else (parts[-1], False)


def _from_context(
    instruction: Copy | Add, source: CopySource, path: str, context: BuildContext | None
) -> Iterator[Picked]:
    certain = instruction.flag("exclude") is None and instruction.flag("parents") is None
    taken = context.sources(path) if context else ()
    for selected in taken:
        inside = selected.entry is None or selected.entry.kind == "dir"
        root = selected.entry.path if selected.entry else ""
        for file in selected.below:
            if file.kind != "dir":
                relative = file.path[len(root) :].lstrip("/") if inside else selected.path.rpartition("/")[2]
                yield Picked(relative, Origin(CONTEXT, file.path, source.span, file), (), certain, inside)
    clean = join("/", path).lstrip("/")
    if not taken and source.kind == "local" and (context is None or context.get(clean) is None):
        yield Picked(clean.rpartition("/")[2], Origin(CONTEXT, clean, source.span))


def _is_archive(path: str, context: BuildContext | None) -> bool:
    file = context.get(join("/", path).lstrip("/")) if context else None
    if context is None or file is None or file.kind != "file":
        return False
    return unpacks(context.head(file.path, HEAD)) is not False


def _run(instruction: Run, state: Filesystem, world: World) -> None:
    script = world.script(instruction)
    if not script.understood:
        state.opaque(instruction, script.why_not)
        return
    shell = _RunState(instruction, state)
    for command in script.commands:
        for effect in effects(command):
            shell.apply(effect, certain=not command.conditional, depth=command.depth)


class _RunState:
    """The working directory of a RUN, followed over its commands."""

    def __init__(self, instruction: Run, state: Filesystem) -> None:
        self.instruction = instruction
        self.state = state
        self.folder = state.workdir
        self.mounts = tuple(m.target.rstrip("/") + "/" for m in instruction.mounts if m.target)

    def apply(self, effect: Effect, *, certain: bool, depth: int) -> None:
        if isinstance(effect, ChangesDirectory):
            value = effect.path.value if effect.path else None
            known = value is not None and not depth
            self.folder = join(self.folder, value) if known and value else UNKNOWN
        elif isinstance(effect, Removes):
            self._remove(effect.path, certain)
        elif isinstance(effect, (Moves, Copies)):
            self._carry(effect, certain)
        elif isinstance(effect, Writes):
            self._write(effect.path, certain)
        elif isinstance(effect, Opaque):
            self.state.opaque(self.instruction, effect.reason)

    def _in_layer(self, argument: Argument) -> str | None:
        if argument.value is None:
            return None
        path = join(self.folder, argument.value)
        outside = any((path + "/").startswith(mount) for mount in self.mounts)
        return None if outside or path.startswith(("/dev/", "/proc/", "/sys/")) else argument.value

    def _remove(self, argument: Argument, certain: bool) -> None:
        path = self._in_layer(argument)
        if path is not None:
            self.state.remove(path, self.folder, self.instruction, argument.span, certain)

    def _carry(self, effect: Moves | Copies, certain: bool) -> None:
        target = self._in_layer(effect.destination)
        if target is None:
            return
        full = join(self.folder, target)
        for argument in effect.sources:
            path = self._in_layer(argument)
            for added in self.state.named(path, self.folder) if path is not None else ():
                self._carry_one(effect, added, path or "", full, target, certain)

    def _carry_one(
        self, effect: Moves | Copies, added: Added, path: str, full: str, target: str, certain: bool
    ) -> None:
        source = join(self.folder, path)
        inside = added.path.removeprefix(source).lstrip("/") if added.path != source else ""
        folder = target.endswith("/") or len(effect.sources) > 1 or self.state.is_folder(full) or "*" in path
        name = added.path.rpartition("/")[2] if "*" in path else source.rpartition("/")[2]
        parts = [full, *([name] if folder else []), *([inside] if inside and "*" not in path else [])]
        made = Added(
            "/".join(part.rstrip("/") for part in parts),
            self.instruction,
            self.state.stage.index,
            effect.destination.span,
            added.origin,
            added.hops,
            added.certain and certain,
        )
        if isinstance(effect, Moves) and certain:
            self.state.move(added, made)
        else:
            self.state.add(made)

    def _write(self, argument: Argument, certain: bool) -> None:
        path = self._in_layer(argument)
        if path is None:
            return
        origin = Origin(COMMAND, path, argument.span)
        full = join(self.folder, path)
        self.state.add(Added(full, self.instruction, self.state.stage.index, argument.span, origin, (), certain))
