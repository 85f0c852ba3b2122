"""The files of one stage while its instructions are played: who wrote, who removed, what is left."""

from __future__ import annotations

from dfguard.dockerfile.nodes import Instruction, User
from dfguard.dockerfile.stages import Stage
from dfguard.flow.events import Added, Opaque, Removal, Removed
from dfguard.flow.paths import UNKNOWN, join, matching, parents
from dfguard.source import Span
from dfguard.struct import Struct

Event = Added | Removed | Opaque


class StageFlow(Struct):
    """A stage, played: its own events in order, what later layers of it hid, and what is left.

    `view` holds every known file at the end of the stage, those of the stages it is FROM included.
    `user` is the USER instruction in force, None for the base image's; `user_name` is its expanded value,
    None when that is not known. `workdir` starts with `**`
    when it hangs on an unknown base.
    """

    stage: Stage
    events: tuple[Event, ...]
    removals: tuple[Removal, ...]
    view: dict[str, Added]
    user: User | None
    user_name: str | None
    workdir: str


class Filesystem:
    """The mutable state behind a StageFlow; lives only while the stage is played."""

    def __init__(self, stage: Stage, parent: StageFlow | None, workdir: str | None) -> None:
        self.stage = stage
        self.view: dict[str, Added] = dict(parent.view) if parent else {}
        self.folders: set[str] = {folder for path in self.view for folder in parents(path)}
        self.workdir = parent.workdir if parent else workdir or UNKNOWN
        self.user: User | None = parent.user if parent else None
        self.user_name: str | None = parent.user_name if parent else None
        self.events: list[Event] = []
        self.removals: list[Removal] = []
        self.moved: dict[Added, Added] = {}

    def freeze(self) -> StageFlow:
        """The finished stage."""
        return StageFlow(
            self.stage, tuple(self.events), tuple(self.removals), self.view, self.user, self.user_name, self.workdir
        )

    def add(self, added: Added) -> None:
        """Write a file; it replaces what was at its path."""
        self.events.append(added)
        self.view[added.path] = added
        for folder in parents(added.path):
            if folder in self.folders:
                break
            self.folders.add(folder)

    def opaque(self, instruction: Instruction, reason: str) -> None:
        """Note that an instruction may do more than is known."""
        self.events.append(Opaque(instruction, self.stage.index, reason))

    def is_folder(self, path: str) -> bool:
        """Whether `path` is known to be a folder."""
        return path in self.folders or path in ("/", self.workdir)

    def named(self, path: str, folder: str) -> list[Added]:
        """The known files that a shell argument names, folders standing for all below them."""
        return [self.view[found] for found in matching(join(folder, path), list(self.view))]

    def remove(self, path: str, folder: str, instruction: Instruction, place: Span, certain: bool) -> None:
        """Remove what a shell argument names; files of earlier instructions stay in their layers."""
        full = join(folder, path)
        removed = Removed(full, instruction, self.stage.index, place, certain)
        self.events.append(removed)
        for found in matching(full, list(self.view)):
            self._hide(self.view[found], removed)
            if certain:
                del self.view[found]

    def _hide(self, added: Added, removed: Removed) -> None:
        while added.instruction is removed.instruction:
            if added not in self.moved:
                return
            added = self.moved[added]
        self.removals.append(Removal(added, removed))

    def move(self, source: Added, target: Added) -> None:
        """Rename a file: the old path is gone from the view, its layer still holds it."""
        self.view.pop(source.path, None)
        self.add(target)
        self.moved[target] = source
