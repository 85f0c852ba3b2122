"""Where a RUN works: its layer, what is mounted over it, and the folder and user of each command."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from dfguard.dockerfile.nodes import Run
from dfguard.flow.events import COMMAND, ROOT_OWNER, Added, AddedFolder, Attributes, Changed, Later, Origin, Removed
from dfguard.flow.filesystem import FOLDER, Filesystem
from dfguard.flow.filetree import MAX_LOOKS
from dfguard.flow.homes import moved
from dfguard.flow.mounting import Mounted, mounts_of
from dfguard.flow.ownership import numbered
from dfguard.flow.paths import UNKNOWN, join, shell_names
from dfguard.flow.world import TOO_MANY, World
from dfguard.shell.commands import Argument, Command
from dfguard.source import Span

_BECOMES_ROOT = ("sudo", "doas")
_BECOMES_ANYONE = frozenset(("su", "gosu", "su-exec", "runuser", "setpriv", "chpst", "setuidgid", "s6-setuidgid"))


_Change = Callable[[str], Callable[[Attributes], Attributes]]


class Act:
    """One command under way.

    `runs`: it surely runs when the build goes well; `required`: it surely goes well then. `missed` is set when
    something that it needs is not known to be there.
    """

    __slots__ = ("command", "missed", "owner", "required", "runs")

    def __init__(self, command: Command, runs: bool, required: bool, owner: str | None) -> None:
        self.command = command
        self.runs = runs
        self.required = required
        self.owner = owner
        self.missed = False

    def surely(self, present: bool) -> bool:
        """Whether an effect surely happens whose source is `present` for sure."""
        if not present:
            self.missed = True
        return self.runs and (present or self.required)


class Workplace:
    """Reads and writes paths for the commands of one RUN."""

    def __init__(self, instruction: Run, state: Filesystem, world: World) -> None:
        self.instruction = instruction
        self.state = state
        self.world = world
        self.mounts: tuple[Mounted, ...] = tuple(mounts_of(instruction, state, world))
        self.covered = tuple(mount.prefix for mount in self.mounts)
        self.own_mounts = tuple(mount.prefix for mount in self.mounts if mount.mount is not None)
        # By the numbers of the subshells around a command: the folder, None when it is not known, and whether
        # all that led there surely happened.
        self.folders: dict[tuple[int, ...], tuple[str | None, bool]] = {(): (state.workdir, True)}
        self.masks: dict[tuple[int, ...], int | None] = {(): 0o022}
        self.twins: dict[str, set[str]] = {}  # hard links made by this RUN

    @cached_property
    def aside(self) -> Filesystem:
        """What lies in mounts: no part of the layer."""
        return Filesystem(self.state.stage, None, self.state.base)

    # -- where

    def in_layer(self, path: str) -> bool:
        """Whether a path is part of the layer, and not of a mount."""
        return not (path + "/").startswith(self.covered)

    def is_plain(self, path: str) -> bool:
        """Whether a folder is part of the layer, and nothing is mounted in it."""
        below = path.rstrip("/") + "/"
        return self.in_layer(path) and not any(prefix.startswith(below) for prefix in self.covered)

    def filesystem(self, path: str) -> Filesystem:
        """What holds a path: the layer, or what is mounted there."""
        if self.in_layer(path):
            return self.state
        for mount in self.mounts:
            if (path + "/").startswith(mount.prefix):
                mount.fill(self.aside, self.world)
        return self.aside

    def folder(self, command: Command) -> tuple[str | None, bool]:
        """The folder that a command runs in: its shell's, else that of the shell around it."""
        shell = command.subshells
        while shell not in self.folders:
            shell = shell[:-1]
        return self.folders[shell]

    def mask(self, command: Command) -> int | None:
        """The umask of a command."""
        shell = command.subshells
        while shell not in self.masks:
            shell = shell[:-1]
        return self.masks[shell]

    def owner(self, command: Command) -> str | None:
        """Whom the files of a command belong to."""
        if not _BECOMES_ANYONE.isdisjoint(command.wrappers):
            return None
        if any(wrapper in _BECOMES_ROOT for wrapper in command.wrappers):
            words = (command.statement or command.span).text
            return None if " -u" in words or " --user" in words else ROOT_OWNER
        return self.state.owner

    def path(self, argument: Argument, command: Command) -> tuple[str | None, bool]:
        """The path that a word names, None when it is not known, and whether it is surely this one."""
        value = argument.value
        return (None, False) if not value else self.path_of(value, command)

    def path_of(self, value: str, command: Command) -> tuple[str | None, bool]:
        """As `path`, for a text."""
        folder: str | None = "/"
        sure = True
        if value == "~" or value.startswith("~/"):
            folder, value = self.state.home, value[2:]
        elif not value.startswith("/"):
            folder, sure = self.folder(command)
        if folder is None:
            return None, False
        path = self.state.tree.real(join(folder, value), follow=value.endswith("/"))
        if not self.in_layer(path):
            path = self.filesystem(path).tree.real(path, follow=value.endswith("/"))
        return path, sure

    def literal(self, text: str, command: Command) -> str | None:
        """The path that a text names: `~` is the home folder, `**/` stands for any folder."""
        if text.startswith("**/"):
            return text
        if text.startswith("~/"):
            elsewhere = moved(text, lambda name: self.variable(name, command), self.state.base)
            return elsewhere or join(self.state.home or UNKNOWN, text[2:])
        path, _ = self.path_of(text, command)
        return path

    def variable(self, name: str, command: Command) -> str | None:
        """The value of a variable that a command gets: written in front of it, else that of ENV or ARG."""
        for assignment in command.assignments:
            if assignment.name == name:
                return assignment.value.value if assignment.value else None
        return self.world.graph.scope_at(self.instruction).get(name)

    def numbers(self, owner: str) -> str:
        """`user:group` with numbers for names, where the image's /etc/passwd and /etc/group are known."""
        return numbered(
            owner, self.world.text_at(self.state.tree, "/etc/passwd"), self.world.text_at(self.state.tree, "/etc/group")
        )

    def real(self, path: str) -> str:
        """A path with its last link followed too."""
        return self.filesystem(path).tree.real(path)

    # -- what is there

    def named(self, argument: Argument, path: str) -> list[str]:
        """The known files and folders that a word names."""
        tree = self.filesystem(path).tree
        found = tree.find(path, shell_names if argument.glob else _plain)
        if argument.glob and tree.looks > MAX_LOOKS:
            self.opaque("too many patterns: not all are followed", argument.span)
        return [entry for entry in found if self.filesystem(entry).tree is tree]

    def knows_all(self, argument: Argument, path: str) -> bool:
        """Whether a pattern can't match anything else than what is known."""
        if not argument.glob:
            return True
        parts = path.split("/")
        at = next((i for i, part in enumerate(parts) if shell_names(part) is not None), len(parts))
        top = "/".join(parts[:at])
        tree = self.filesystem(top or "/").tree
        if at == len(parts) - 1:
            return tree.is_whole(top) or tree.is_absent(top)
        return all(tree.is_whole(folder) for folder in tree.folders_below(top))

    def paths_in(self, path: str) -> list[str]:
        """As `files_in`, their paths only."""
        paths = self.filesystem(path).tree.paths_below(path)
        if self.world.takes(len(paths)):
            return paths
        self.opaque(TOO_MANY)
        return []

    def files_in(self, path: str) -> list[Added]:
        """A file, or the files in a folder; none, and that is said, when too many were followed already."""
        files = self.world.follow(self.filesystem(path).tree.below(path))
        if files is None:
            self.opaque(TOO_MANY)
        return files or []

    def is_folder(self, path: str) -> bool:
        """Whether a path is a folder, as far as that is known."""
        return self.filesystem(path).is_folder(path)

    def is_sure(self, path: str) -> bool:
        """Whether what is at a path is surely as it is told."""
        return path in self.filesystem(path).tree.sure

    def is_absent(self, path: str) -> bool:
        """Whether nothing is surely at a path."""
        return self.filesystem(path).tree.is_absent(path)

    def can_write(self, path: str) -> bool:
        """Whether the folder of a path is surely there."""
        folder = path.rpartition("/")[0]
        if not folder or self.is_folder(folder):
            return True
        return any(prefix.startswith(folder + "/") for prefix in self.own_mounts)

    def attributes(self, path: str) -> Attributes:
        """What is known of what is at a path."""
        return self.filesystem(path).tree.attributes(path) or Attributes()

    # -- what happens

    def new_file(self, path: str, act: Act, mode: int = 0o666) -> Attributes:
        """The attributes that a file gets that a command makes."""
        return Attributes(self.masked(mode, act), self.owner_in(path, act), 0)

    def masked(self, mode: int, act: Act) -> int | None:
        """A mode less the umask."""
        mask = self.mask(act.command)
        return None if mask is None else mode & ~mask

    def owner_in(self, path: str, act: Act) -> str | None:
        """Whom a new file belongs to: its group is that of its folder where that has the set-group-ID bit."""
        folder = path.rpartition("/")[0]
        above = self.attributes(folder)
        if not folder and self.state.base.family == "scratch":
            return act.owner
        if above.mode is None or act.owner is None:
            return None
        if not above.mode & 0o2000:
            return act.owner
        return None if above.owner is None else f"{act.owner.partition(':')[0]}:{above.owner.partition(':')[2]}"

    def put(
        self,
        path: str,
        span: Span,
        origin: Origin,
        attributes: Attributes,
        certain: bool,
        hops: tuple[Span, ...] = (),
        *,
        in_place: bool = False,
    ) -> Added:
        """Write a file or a link; `in_place`: into the file that is there, so that its other names change too."""
        self.keep_way(path, span)
        added = Added(path, self.instruction, self.state.stage.index, span, origin, hops, certain, attributes)
        self.filesystem(path).add(added, attributes.link)
        if in_place:
            self.spread(path, span)
        else:
            self.untie(path)
        return added

    def spread(self, path: str, span: Span) -> None:
        """The other names of a file hold what was written to it."""
        for other in sorted(self.twins.get(path, set()) - {path}):
            self.opaque("it is another name of a file that is written to", span, other)

    def tie(self, path: str, other: str) -> None:
        """Two names of one file, until the end of this RUN: a later layer holds them apart."""
        twins = self.twins.setdefault(path, {path})
        twins.add(other)
        self.twins[other] = twins

    def retie(self, twins: set[str] | None, path: str, new: str) -> None:
        """One name of a file is another one now."""
        if twins is not None:
            twins.discard(path)
            twins.add(new)
            self.twins[new] = twins

    def make_folder(self, path: str, span: Span, attributes: Attributes | Later, certain: bool) -> None:
        """Create a folder whose parent is there; nothing happens when it is there."""
        self.keep_way(path, span)
        here = self.filesystem(path)
        if here.tree.is_folder(path):
            return
        absent = here.tree.is_absent(path)
        if not absent and here.is_folder(path):
            here.tree.make_folder(path)
            return
        stage, certain = self.state.stage.index, certain and absent
        above = self.attributes(path.rpartition("/")[0]).mode
        if above is not None and above & 0o2000:
            attributes = Later(attributes, _with_group_id)
        here.put_folder(AddedFolder(path, self.instruction, stage, span, attributes, certain), whole=certain)

    def keep_way(self, path: str, span: Span) -> None:
        """A folder that the builder makes for a mount stays when something is written into it."""
        folder = path.rpartition("/")[0]
        if any(prefix.startswith(folder + "/") for prefix in self.own_mounts) and self.in_layer(path):
            self.state.make_folder(folder, self.instruction, span, FOLDER)

    def change(self, path: str, span: Span, after: Attributes | Later, certain: bool, *, content: bool = False) -> None:
        """Change attributes or content of what is at a path; hard links are changed along."""
        here = self.filesystem(path)
        tree, stage = here.tree, self.state.stage.index
        for each in self.twins.get(path, (path,)):
            before = tree.files.get(each) or tree.folders.get(each)
            here.change(Changed(each, self.instruction, stage, span, before, after, content, certain))

    def change_all(self, top: str, paths: list[str], change: _Change, span: Span, sure: bool, required: bool) -> None:
        """Change the attributes of many paths in a folder; `sure` of what is surely there, `required` of the others."""
        here = self.filesystem(top)
        tree, stage, instruction = here.tree, self.state.stage.index, self.instruction
        known, changed = tree.sure, tree.changed
        if self.twins or not self.is_plain(top):
            for path in paths:
                self.change(path, span, Later(tree.given(path), change(path)), sure if path in known else required)
            return
        changes = []
        for before in tree.there(paths):
            path = before.path
            given = Later(changed.get(path) or before.given, change(path))
            certain = sure if path in known else required
            changes.append(Changed(path, instruction, stage, span, before, given, False, certain))
        here.change_all(changes)

    def removed(self, path: str, span: Span, certain: bool = True, *, recursive: bool = True) -> Removed:
        """The event for a path that goes away."""
        event = Removed(path, self.instruction, self.state.stage.index, span, certain, recursive)
        if self.in_layer(path):
            self.state.events.append(event)
        return event

    def hide(self, entry: str, removed: Removed) -> None:
        """A file or a folder goes away, but for what is covered by a mount."""
        files = self.files_in(entry)
        here = self.filesystem(entry)
        plain = self.is_plain(entry)
        gone = files if plain else [added for added in files if self.filesystem(added.path) is here]
        for added in gone if here is self.state else ():
            self.state.hide(added, removed)
        inside = any(prefix.startswith(entry.rstrip("/") + "/") for prefix in self.covered)
        paths = [added.path for added in gone] if inside else [entry]
        for path in paths:
            if removed.certain:
                here.tree.drop(path)
                self.untie(path)
            else:
                here.tree.doubt(path)

    def untie(self, path: str) -> None:
        """A path is no hard link of others any more."""
        twins = self.twins.pop(path, None)
        if twins:
            twins.discard(path)

    def opaque(self, reason: str, place: Span | None = None, scope: str = "/") -> None:
        """Say that more may happen than is known."""
        if self.in_layer(scope):
            self.state.opaque(self.instruction, reason, scope, place)
        if not self.in_layer(scope) or (scope == "/" and "aside" in vars(self)):
            self.aside.tree.doubt(scope)

    def unknown_content(self, path: str, place: Argument, text: str | None = None) -> Origin:
        """The origin of a file that a command makes."""
        return Origin(COMMAND, path, place.span, text=text)

    def shown(self, argument: Argument, path: str | None) -> str:
        """A path for an event, also when it is not known."""
        return path or join(UNKNOWN, argument.text.lstrip("/~"))


def _with_group_id(was: Attributes) -> Attributes:
    """A folder in one that has the set-group-ID bit inherits it."""
    return was if was.mode is None else was.but(mode=was.mode | 0o2000)


def _plain(segment: str) -> None:
    return None
