"""RUN: what its commands do to files, in which folder, and whether that reaches the layer."""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.dockerfile.nodes import Mount, Run
from dfguard.flow.events import COMMAND, UNKNOWN_ATTRIBUTES, Added, Attributes, Origin, Removed
from dfguard.flow.filesystem import FOLDER, Filesystem
from dfguard.flow.filetree import MAX_LOOKS
from dfguard.flow.paths import UNKNOWN, join, name_of, shell_names
from dfguard.flow.world import World
from dfguard.shell.commands import Argument, Command
from dfguard.shell.effects import (
    ChangesDirectory,
    Copies,
    Effect,
    Links,
    MakesDirectory,
    Moves,
    Removes,
    Writes,
    effects,
)

_NOT_IN_LAYERS = ("/dev/", "/proc/", "/sys/")
_CHANGES_FOLDER = ("cd", "chdir", "pushd", "popd")


def run(instruction: Run, state: Filesystem, world: World) -> None:
    """Play a RUN."""
    script = world.script(instruction)
    if not script.understood:
        state.opaque(instruction, script.why_not)
        return
    running = _Running(instruction, state, world)
    for command in script.commands:
        for effect in effects(command):
            running.apply(effect, command)
    if script.gaps:
        state.opaque(instruction, "a part of it can't be read")


def _mounted(instruction: Run, workdir: str, world: World) -> Iterator[str]:
    """What --mount lays over the layer, as prefixes that end in a slash: nothing below them is in the layer."""
    for mount in instruction.mounts:
        written = _target(mount)
        target = world.expand(instruction, written) if written else None
        if target:
            yield join(workdir, target).rstrip("/") + "/"


def _target(mount: Mount) -> str | None:
    if mount.target is None and mount.type == "secret" and not mount.option("env"):
        name = mount.option("id") or name_of(mount.source or "")
        return f"/run/secrets/{name}" if name else None
    return mount.target


class _Running:
    """A RUN under way: the folder of each of its shells."""

    def __init__(self, instruction: Run, state: Filesystem, world: World) -> None:
        self.instruction = instruction
        self.state = state
        self.world = world
        self.tree = state.tree
        self.covered = (*_mounted(instruction, state.workdir, world), *_NOT_IN_LAYERS)
        # By the numbers of the subshells around a command: the folder, None when it is not known, and whether
        # all that led there surely happened.
        self.folders: dict[tuple[int, ...], tuple[str | None, bool]] = {(): (state.workdir, True)}

    def apply(self, effect: Effect, command: Command) -> None:
        """Play one effect of a command."""
        if isinstance(effect, ChangesDirectory):
            self.enter(effect, command)
        elif isinstance(effect, Removes):
            self.remove(effect, command)
        elif isinstance(effect, (Moves, Copies, Links)):
            self.carry(effect, command)
        elif isinstance(effect, Writes):
            self.write(effect, command)
        elif isinstance(effect, MakesDirectory):
            path, sure = self.path(effect.path, command)
            if path is not None and self.in_layer(path):
                self.make_folder(path, effect.path, sure and not command.conditional)
        elif command.program in _CHANGES_FOLDER:
            self.folders[command.subshells] = None, False
        else:
            self.state.opaque(self.instruction, effect.reason)

    # -- paths

    def folder(self, command: Command) -> tuple[str | None, bool]:
        """The folder that a command runs in: its shell's, else that of the shell around it."""
        shell = command.subshells
        while shell not in self.folders:
            shell = shell[:-1]
        return self.folders[shell]

    def enter(self, effect: ChangesDirectory, command: Command) -> None:
        """`cd`: from now on in its shell."""
        path, sure = self.path(effect.path, command) if effect.path else (self.state.home, True)
        real = None if path is None else self.tree.real(path)
        self.folders[command.subshells] = real, sure and not command.conditional

    def path(self, argument: Argument, command: Command) -> tuple[str | None, bool]:
        """The path that a word names, None when it is not known, and whether it is surely this one."""
        value = argument.value
        if not value:
            return None, False
        folder, sure = self.folder(command)
        if value.startswith("/"):
            folder, sure = "/", True
        elif value == "~" or value.startswith("~/"):
            folder, value, sure = self.state.home, value[2:], True
        if folder is None:
            return None, False
        return self.tree.real(join(folder, value), follow=value.endswith("/")), sure

    def in_layer(self, path: str) -> bool:
        """Whether a path is part of the layer, and not of a mount."""
        return not (path + "/").startswith(self.covered)

    def named(self, argument: Argument, path: str) -> list[str]:
        """The known files and folders that a word names."""
        found = self.tree.find(path, shell_names if argument.glob else _plain)
        if argument.glob and self.tree.looks > MAX_LOOKS:
            self.state.opaque(self.instruction, "too many patterns: not all are followed")
        return [entry for entry in found if self.in_layer(entry)]

    def files_in(self, path: str) -> list[Added]:
        """A file, or the files in a folder; none, and that is said, when too many were followed already."""
        files = self.world.follow(self.tree.below(path))
        if files is None:
            self.state.opaque(self.instruction, "too many files: not all are followed")
        return files or []

    # -- effects

    def remove(self, effect: Removes, command: Command) -> None:
        """`rm`: what it names, folders only with -r."""
        path, sure = self.path(effect.path, command)
        if path is not None and not self.in_layer(path):
            return
        shown = path or join(UNKNOWN, effect.path.text.lstrip("/~"))
        removed = self.removed(shown, effect.path, sure and not command.conditional, recursive=effect.recursive)
        self.state.events.append(removed)
        for entry in self.named(effect.path, path) if path is not None else ():
            if effect.recursive or not self.tree.is_folder(entry):
                self.hide(entry, removed)

    def removed(self, path: str, argument: Argument, certain: bool = True, *, recursive: bool = True) -> Removed:
        """The event for a path that goes away."""
        return Removed(path, self.instruction, self.state.stage.index, argument.span, certain, recursive)

    def make_folder(self, path: str, argument: Argument, certain: bool) -> None:
        """A command makes a folder, unless it is there."""
        attributes = FOLDER.but(owner=self.state.owner)
        self.state.make_folder(path, self.instruction, argument.span, attributes, certain=certain)

    def hide(self, entry: str, removed: Removed) -> None:
        """A file or a folder goes away, but for what is covered by a mount."""
        files = self.files_in(entry)
        gone = [added for added in files if self.in_layer(added.path)]
        for added in gone:
            self.state.hide(added, removed)
        if removed.certain:
            for path in [entry] if len(gone) == len(files) else [added.path for added in gone]:
                self.tree.drop(path)

    def carry(self, effect: Moves | Copies | Links, command: Command) -> None:
        """`mv`, `cp`, `ln`: every file that is known under the sources gets a new path."""
        target, sure = self.path(effect.destination, command)
        if target is None:
            return
        certain = sure and not command.conditional
        sources = [(argument, self.path(argument, command)[0]) for argument in effect.sources]
        entries = [(a, entry) for a, path in sources if path is not None for entry in self.named(a, path)]
        into = effect.into
        if into is None:
            into = len(entries) > 1 or self.state.is_folder(self.tree.real(target))
        target = self.tree.real(target) if into else target
        if isinstance(effect, Links) and effect.symbolic:
            for argument in effect.sources:
                self.create(effect.destination, _place(target, argument.text, into), certain, argument.value)
        elif not entries and isinstance(effect, Copies) and not effect.recursive:
            for argument in () if any(a.glob for a in effect.sources) else effect.sources:
                self.create(effect.destination, _place(target, argument.text, into), False)
        else:
            for argument, entry in entries:
                content = _is_content(argument.text) and self.tree.is_folder(entry)
                self.carry_entry(effect, argument, entry, _place(target, entry, into and not content), certain)

    def carry_entry(
        self, effect: Moves | Copies | Links, argument: Argument, entry: str, place: str, certain: bool
    ) -> None:
        """One file or folder of the sources goes to `place`."""
        whole = isinstance(effect, Moves) or (isinstance(effect, Copies) and effect.recursive)
        top = entry if whole else self.tree.real(entry)  # a plain `cp` copies what a link points to
        folder = self.tree.is_folder(top)
        if (folder and not whole) or place == top or place.startswith(top + "/"):
            return
        files = [added for added in self.files_in(top) if self.in_layer(added.path)]
        known = {added.path: self.tree.attributes(added.path) or UNKNOWN_ATTRIBUTES for added in files}
        moved = isinstance(effect, Moves) and certain
        if moved:
            removed = self.removed(entry, argument)
            self.state.events.append(removed)
            self.hide(entry, removed)
        if folder and self.in_layer(place):
            self.make_folder(place, effect.destination, certain)
        for added in files:
            path = place.rstrip("/") + added.path[len(top.rstrip("/")) :]
            if self.in_layer(path):
                attributes = known[added.path]
                if not moved:
                    attributes = attributes.but(mode=None, owner=self.state.owner)
                made = self.copy_of(added, path, effect.destination, certain, attributes)
                self.state.add(made, attributes.link)
                if moved:
                    self.state.moved(added, made)

    def copy_of(
        self, source: Added, path: str, place: Argument, certain: bool, attributes: Attributes = UNKNOWN_ATTRIBUTES
    ) -> Added:
        """A file at a new path with the content of another one."""
        sure, stage = source.certain and certain, self.state.stage.index
        return Added(path, self.instruction, stage, place.span, source.origin, source.hops, sure, attributes)

    def create(self, place: Argument, path: str, certain: bool, link: str | None = None) -> None:
        """A file with content that is not followed, or a link."""
        if self.in_layer(path) and not self.tree.is_folder(path):
            origin = Origin(COMMAND, path, place.span)
            attributes = Attributes(None if link else 0o644, self.state.owner, None, link)
            stage = self.state.stage.index
            added = Added(path, self.instruction, stage, place.span, origin, (), certain, attributes)
            self.state.add(added, link)

    def write(self, effect: Writes, command: Command) -> None:
        """`>`, `tee`, `touch`: a new file, or the old content and more in a new layer."""
        path, sure = self.path(effect.path, command)
        if path is None or not self.in_layer(path):
            return
        certain = sure and not command.conditional
        path = self.tree.real(path)
        old = self.tree.files.get(path) if effect.append else None
        if old is not None:
            self.state.add(self.copy_of(old, path, effect.path, certain))
        else:
            self.create(effect.path, path, certain)


def _place(target: str, source: str, into: bool) -> str:
    """Where a source goes: into a folder under its own name, or to the path itself."""
    return f"{target.rstrip('/')}/{name_of(source.rstrip('/'))}" if into else target


def _is_content(source: str) -> bool:
    """Whether `cp -r` is told to copy what is in a folder, and not the folder."""
    return source.rstrip("/").rpartition("/")[2] in (".", "..")


def _plain(segment: str) -> None:
    return None
