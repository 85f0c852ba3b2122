"""The files of one stage while its instructions are played: who wrote, who removed, what is left."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dfguard.base.table import Base
from dfguard.dockerfile.nodes import Instruction, User
from dfguard.dockerfile.stages import Stage
from dfguard.flow.copied import Bulk, Events
from dfguard.flow.events import (
    ANYWHERE,
    ROOT_OWNER,
    Added,
    AddedFolder,
    Attributes,
    Changed,
    Event,
    Filled,
    Opaque,
    Removal,
    Removed,
)
from dfguard.flow.filetree import FileTree
from dfguard.flow.paths import UNKNOWN, join, plain_part, shell_names
from dfguard.source import Span
from dfguard.struct import Struct

# What a base image has, so that `COPY app /usr/local/bin` puts the file in there: every image that is more
# than its own files, and every distribution.
_FEW_FOLDERS = frozenset("/bin /dev /etc /home /lib /proc /root /sys /tmp /usr /var".split())
_USUAL_FOLDERS = _FEW_FOLDERS | frozenset(
    """
    /media /mnt /opt /run /sbin /srv /usr/bin /usr/lib /usr/local /usr/local/bin /usr/local/lib
    /usr/local/share /usr/sbin /usr/share /var/cache /var/lib /var/log /var/spool /var/tmp
    """.split()
)
_NO_FOLDERS: frozenset[str] = frozenset()
_FOLDERS = {"scratch": _NO_FOLDERS, "windows": _NO_FOLDERS, "busybox": _FEW_FOLDERS, "distroless": _FEW_FOLDERS}
_ROOT_USERS = ("root", "0")
FOLDER = Attributes(0o755, ROOT_OWNER)
"""A folder that the builder makes on the way to a destination."""


class StageFlow(Struct):
    """A stage, played: its own events in order, what its layers hid of lower ones, and what is left.

    `removals` may speak of files of the stages it is FROM. `user` is the USER instruction in force,
    None for the base image's; `user_name` is its expanded value, None when that is not known.
    `workdir` starts with `**` when it hangs on an unknown base. `into_folders` holds the indices of the
    COPYs and ADDs whose destination was known to be a folder before. `volumes` are the paths that VOLUME
    names up to the end of the stage: BuildKit keeps what is written there afterwards, the classic builder
    drops it. `played` are all instructions of the stage, what ONBUILD of its parent adds first. `workdirs` holds
    the working directory in which each of them starts, by the instruction's index. `added` are the files among
    the events, `others` the rest: files are many, and most questions are about one of the two.
    """

    stage: Stage
    events: Events[Event]
    removals: tuple[Removal, ...]
    tree: FileTree
    user: User | None
    user_name: str | None
    workdir: str
    into_folders: frozenset[int] = frozenset()
    volumes: tuple[str, ...] = ()
    played: tuple[Instruction, ...] = ()
    workdirs: Mapping[int, str] = MappingProxyType({})
    added: Events[Added] = Events()
    others: tuple[Event, ...] = ()

    @property
    def view(self) -> dict[str, Added]:
        """Every known file at the end of the stage by its path, those of the stages it is FROM included."""
        return self.tree.files

    @property
    def folders(self) -> dict[str, AddedFolder]:
        """Every folder at the end of the stage that an instruction made, by its path."""
        return self.tree.folders

    def attributes(self, path: str) -> Attributes | None:
        """What is known of a file or folder at the end of the stage; None when no instruction made it."""
        return self.tree.attributes(path)

    def is_sure(self, path: str) -> bool:
        """Whether a path of the view or of the folders is surely there, and as it is told."""
        return path in self.tree.sure

    def is_rewritten(self, path: str) -> bool:
        """Whether a file's content is no longer that of its origin, in a way that is not followed."""
        return path in self.tree.rewritten


class Filesystem:
    """The mutable state behind a StageFlow; lives only while the stage is played."""

    def __init__(self, stage: Stage, parent: StageFlow | None, base: Base) -> None:
        self.stage = stage
        self.base = base
        self.tree = parent.tree.copy() if parent else FileTree()
        root = "/" if base.family == "scratch" else UNKNOWN
        if parent is None and base.family == "scratch":
            self.tree.whole.add("")
        self.workdir = parent.workdir if parent else base.workdir or root
        self.user: User | None = parent.user if parent else None
        self.user_name: str | None = parent.user_name if parent else None
        self.events: list[Event | Bulk] = []
        self.played: list[Instruction] = []
        self.workdirs: dict[int, str] = {}
        self.into_folders: set[int] = set()
        self.volumes: tuple[str, ...] = parent.volumes if parent else ()
        self._hidden: dict[int, Removal] = {}  # by id(added): the last one counts, a Struct's hash goes deep
        self._before: dict[int, list[Added]] = {}  # by id(added): what it replaced, and what a mv made it of

    def freeze(self) -> StageFlow:
        """The finished stage."""
        removals = tuple(self._hidden.values())
        state = (
            self.tree,
            self.user,
            self.user_name,
            self.workdir,
            frozenset(self.into_folders),
            self.volumes,
            tuple(self.played),
            self.workdirs,
            Events([event for event in self.events if isinstance(event, (Added, Bulk))]),
            tuple([event for event in self.events if not isinstance(event, (Added, Bulk))]),
        )
        return StageFlow(self.stage, Events(self.events), removals, *state)

    def enter(self, folder: str, instruction: Instruction, place: Span) -> None:
        """Go on in another working directory, which the builder creates; `folder` may be relative."""
        path = self.tree.real(join(self.workdir, folder))
        self.make_folder(path, instruction, place, FOLDER.but(owner=self.owner))
        self.workdir = path

    def add(self, added: Added, link: str | None = None) -> None:
        """Write a file; it replaces what was at its path. `link` is what a symbolic link points to."""
        self.events.append(added)
        old = self.tree.files.get(added.path)
        if old is not None:
            self._before[id(added)] = [old]
        self.tree.put(added, link)

    def add_all(self, files: list[Added]) -> None:
        """Write many files, links aside, folder by folder."""
        self.events += files
        for added, old in self.tree.put_all(files):
            self._before[id(added)] = [old]

    def add_bulk(self, bulk: Bulk) -> None:
        """Write what comes in bulk, links too."""
        self.events.append(bulk)
        for added, old in self.tree.put_bulk(bulk):
            self._before[id(added)] = [old]

    def make_folder(
        self, path: str, instruction: Instruction, place: Span, attributes: Attributes, *, certain: bool = True
    ) -> None:
        """Create a folder, and those above it, where they are not there yet."""
        missing = []
        at = path.rstrip("/")
        while at and not self.tree.is_folder(at):
            missing.append(at)
            at = at.rpartition("/")[0]
        for each in reversed(missing):
            absent = certain and self.tree.is_absent(each)
            if not absent and self.is_folder(each):
                self.tree.make_folder(each)
            else:
                made = AddedFolder(each, instruction, self.stage.index, place, attributes, absent)
                self.put_folder(made, whole=absent)

    def put_folder(self, folder: AddedFolder, *, whole: bool) -> None:
        """Add a folder whose parent is there; `whole`: nothing can be in it yet."""
        self.events.append(folder)
        self.tree.put_folder(folder, whole=whole)

    def change(self, changed: Changed) -> None:
        """Note new attributes or new content of what is at a path."""
        self.events.append(changed)
        if changed.before is not None:
            self.tree.changed[changed.path] = changed.given
            if changed.content:
                self.tree.rewritten.add(changed.path)
        if not changed.certain:
            self.tree.sure.discard(changed.path)

    def change_all(self, changes: list[Changed]) -> None:
        """As `change`, for the attributes of many paths that are known."""
        self.events += changes
        changed, sure = self.tree.changed, self.tree.sure
        for each in changes:
            changed[each.path] = each.given
            if not each.certain:
                sure.discard(each.path)

    def fill(self, filled: Filled) -> None:
        """Note that a program keeps files of its own in a folder."""
        self.events.append(filled)
        plain = plain_part(filled.path)
        if plain == filled.path:
            self.tree.doubt(plain)
        elif plain == filled.path.rpartition("/")[0]:
            self.tree.doubt_pattern(filled.path, shell_names)
        elif not filled.path.startswith(UNKNOWN):
            self.tree.doubt(plain)

    def opaque(self, instruction: Instruction, reason: str, scope: str = ANYWHERE, place: Span | None = None) -> None:
        """Note that an instruction may do more than is known, anywhere or below one path."""
        self.events.append(Opaque(instruction, self.stage.index, reason, scope, place))
        self.tree.doubt(scope)

    @property
    def owner(self) -> str | None:
        """Whom files belong to that the user in force makes, None when that is not known."""
        name = self.user_name if self.user else self.base.user or "root"
        if name is None:
            return None
        user, colon, group = name.partition(":")
        if user in _ROOT_USERS and (not colon or group in _ROOT_USERS):
            return ROOT_OWNER
        return name if user.isdecimal() and group.isdecimal() else None

    @property
    def home(self) -> str | None:
        """The home folder of the user in force, None when it is not known."""
        name = self.user_name if self.user else self.base.user or "root"
        return "/root" if name is not None and name.partition(":")[0] in _ROOT_USERS else None

    def is_folder(self, path: str) -> bool:
        """Whether `path` is a folder, as far as that is known."""
        if path == self.workdir or self.tree.is_folder(path):
            return True
        usual = _FOLDERS.get(self.base.family or "", _USUAL_FOLDERS)
        return path in usual and path not in self.tree.files

    def hide(self, added: Added, removed: Removed) -> None:
        """Note that layers below hold what `removed` hides; a file of the very same layer leaves no trace.

        With it goes what it replaced. What this instruction itself has renamed counts as it was before.
        """
        pending = [added]
        while pending:
            added = pending.pop()
            same = added.instruction is removed.instruction
            known = self._hidden.get(id(added))
            if known is not None and not removed.certain:
                continue
            if not same:
                self._hidden[id(added)] = Removal(added, removed)
            pending += (old for old in self._before.get(id(added), ()) if same or old.path == added.path)

    def moved(self, source: Added, target: Added) -> None:
        """Note that a file came to be by renaming another one."""
        self._before.setdefault(id(target), []).append(source)
