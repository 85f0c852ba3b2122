"""What becomes of a file that holds a value: copied, moved, carried on by COPY --from, removed, left."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import chain

from dfguard.dockerfile.nodes import Copy, Instruction, Run
from dfguard.flow.carried import Carried
from dfguard.flow.copied import Bulk, Events, Files
from dfguard.flow.events import Added, Removed
from dfguard.flow.paths import name_of
from dfguard.flow.play import Flow
from dfguard.flow.value_scripts import EDIT, SETTING, Written
from dfguard.struct import Struct


class Fate(Struct):
    """A file in the layer of an instruction, and what later layers do to it.

    `removed` hides it from the view of the image; `left`: it is in that view. `added` is None for a file
    that the flow does not follow. `certain` is false where its path or its being there is not sure.
    """

    path: str
    instruction: Instruction
    stage: int
    ships: bool
    certain: bool
    added: Added | None
    removed: Removed | None
    left: bool


class FileFates:
    """Looks files up in a played build."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow

    @cached_property
    def _hidden(self) -> dict[int, Removed]:
        """What hides a file, by id(added); a stage of the image has the last word."""
        hidden: dict[int, Removed] = {}
        for stage in self.flow.stages:
            for removal in stage.removals:
                if stage.stage.ships or id(removal.added) not in hidden:
                    hidden[id(removal.added)] = removal.removed
        return hidden

    @cached_property
    def _events(self) -> dict[tuple[int, int], list[Added | Bulk]]:
        """What each instruction wrote, by stage and id(instruction)."""
        found: dict[tuple[int, int], list[Added | Bulk]] = {}
        last, files = None, []
        for stage in self.flow.stages:
            for added in stage.added.parts:
                if added.instruction is not last:
                    last = added.instruction
                    files = found.setdefault((added.stage, id(last)), [])
                files.append(added)
        return found

    @cached_property
    def _forms(self) -> dict[int, list[Added]]:
        """All that a file was copied or moved to, by id(origin); what nobody has asked for was not."""
        forms: dict[int, list[Added]] = {}
        for stage in self.flow.stages:
            for part in stage.added.parts:
                if isinstance(part, Carried):
                    list(part)  # makes them, and what they are carried on from
        for stage in self.flow.stages:
            parts = (part.made if isinstance(part, Bulk) else (part,) for part in stage.added.parts)
            for added in chain.from_iterable(parts):
                forms.setdefault(id(added.origin), []).append(added)
        return forms

    @cached_property
    def _overwritten(self) -> set[int]:
        """The files that a later instruction of their stage wrote anew, by id(added)."""
        found: set[int] = set()
        for stage in self.flow.stages:
            latest = Files()
            for added in stage.added.parts:
                if isinstance(added, Bulk):
                    again = (latest[path] for path in latest.keys() & added.layout.at.keys())
                    found.update(id(each) for each in again if each.instruction is not added.instruction)
                    latest.put_all(added)
                    continue
                before = latest.get(added.path)
                if before is not None and before.instruction is not added.instruction:
                    found.add(id(before))
                latest[added.path] = added
        return found

    def _is_left(self, added: Added) -> bool:
        """Whether a file is in the view of the image."""
        target = self.flow.target
        return target is not None and target.view.get(added.path) is added

    def added_by(self, instruction: Instruction, stage: int) -> Events[Added]:
        """The files that an instruction wrote, in order."""
        return Events(self._events.get((stage, id(instruction)), ()))

    def of_file(self, added: Added) -> Iterator[Fate]:
        """A file and all that it was copied or moved to, but for what the very same layer took away again."""
        forms = self._forms.get(id(added.origin)) or [added]
        at = next((index for index, form in enumerate(forms) if form is added), len(forms))
        for form in forms[at:]:
            if self._in_layer(form):
                removed = self._hidden.get(id(form))
                left = removed is None and self._is_left(form)
                ships = self.flow.stages[form.stage].stage.ships
                sure = form.certain and at == 0
                yield Fate(form.path, form.instruction, form.stage, ships, sure, form, removed, left)

    def _in_layer(self, added: Added) -> bool:
        """Whether the layer holds the file when its instruction is done."""
        if id(added) in self._hidden or id(added) in self._overwritten:
            return True
        return self.flow.stages[added.stage].view.get(added.path) is added

    def of_write(self, run: Run, stage: int, written: Written, covered: tuple[str, ...]) -> Iterator[Fate]:
        """The files that a command of a RUN writes; `covered` are the mounts over its layer."""
        start = written.place.start
        events = [event for event in self.added_by(run, stage) if event.place.start == start]
        if events:
            for event in events:
                yield from self.of_file(event)
        elif written.way in (SETTING, EDIT) or not written.followed:
            yield from self._unfollowed(run, stage, written, covered)

    def _unfollowed(self, run: Run, stage: int, written: Written, covered: tuple[str, ...]) -> Iterator[Fate]:
        """A file that only the command knows to be there: gone if the same RUN removes it or a folder above."""
        path = written.path
        if path is None or (path + "/").startswith(covered):
            return
        removals = self._removals(path, stage)
        behind = [r for r in removals if r.instruction.index > run.index]
        if any(r.instruction is run and r.place.start > written.place.start for r in removals):
            return
        ships = self.flow.stages[stage].stage.ships
        sure = not written.command.conditional and written.way == SETTING and "**" not in path
        yield Fate(path, run, stage, ships, sure, None, next(iter(behind), None), ships and not behind)

    def _removals(self, path: str, stage: int) -> list[Removed]:
        """What may remove a file of a stage: there, and in the stages that ship on top of it."""
        above = [played for played in self.flow.stages[stage + 1 :] if played.stage.ships]
        ships = self.flow.stages[stage].stage.ships
        events = (event for played in (self.flow.stages[stage], *(above if ships else ())) for event in played.others)
        return [event for event in events if isinstance(event, Removed) and _covers(event.path, path)]

    def carried(self, path: str, copy: Copy, stage: int) -> Fate:
        """A file that the flow does not follow, at the place where a COPY --from puts it."""
        behind = [removed for removed in self._removals(path, stage) if removed.instruction.index > copy.index]
        ships = self.flow.stages[stage].stage.ships
        return Fate(path, copy, stage, ships, False, None, next(iter(behind), None), ships and not behind)


def moved_by_copy(path: str, source: str, destination: str) -> str | None:
    """Where COPY puts a file: its source is the file, or a folder above it; None when it is neither."""
    source = "/" + source.strip("/") if source.strip("/") else ""
    if path == source:
        return destination + name_of(path) if destination.endswith("/") else destination
    return destination.rstrip("/") + path[len(source) :] if path.startswith(source + "/") else None


def _covers(removed: str, path: str) -> bool:
    """Whether the removal of a path takes a file with it; a wildcard in its last part counts as all of a folder."""
    folder, _, name = removed.rpartition("/")
    if any(sign in name for sign in "*?["):
        return path.startswith(folder + "/")
    return path == removed or path.startswith(removed.rstrip("/") + "/")
