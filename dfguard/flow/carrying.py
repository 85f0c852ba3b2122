"""`mv`, `cp`, `install`, `ln`: every file that is known under the sources gets a new path."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from posixpath import relpath

from dfguard.flow.events import Added, Attributes, Later
from dfguard.flow.filetree import FileTree
from dfguard.flow.ownership import changed_mode, new_owner
from dfguard.flow.paths import name_of
from dfguard.flow.workplace import Act, Workplace
from dfguard.shell.argument import Argument
from dfguard.shell.effects import Copies, Links, Moves

Carries = Moves | Copies | Links


def carry(effect: Carries, work: Workplace, act: Act) -> None:
    """Play one of these commands."""
    target, sure = work.path(effect.destination, act.command)
    if target is None:
        work.opaque(f"{act.command.program} to a path that is not known", effect.destination.span)
        return
    _Carrying(effect, work, act, target, sure).run()


class _Carrying:
    """One command under way."""

    def __init__(self, effect: Carries, work: Workplace, act: Act, target: str, sure: bool) -> None:
        self.effect = effect
        self.work = work
        self.act = act
        self.place = effect.destination
        self.sure = sure
        self.settled = True
        self.entries: list[tuple[Argument, str]] = []
        self.lost: list[Argument] = []  # sources of which nothing is known
        self.find()
        real = work.real(target)
        self.into = self.goes_into(target, real)
        self.target = real if self.into else target

    def find(self) -> None:
        """The known files and folders that the sources name."""
        for argument in self.effect.sources:
            path, sure = self.work.path(argument, self.act.command)
            named = self.work.named(argument, path) if path is not None else []
            self.entries += [(argument, entry) for entry in named]
            if path is not None and not sure:
                self.sure = False
            whole = path is not None and self.work.knows_all(argument, path)
            if not named or not whole:
                self.lost.append(argument)

    def goes_into(self, target: str, real: str) -> bool:
        """Whether the destination is a folder that the sources go into."""
        effect, work = self.effect, self.work
        if isinstance(effect, Links) and effect.itself and real != target:
            return False
        if isinstance(effect, Copies) and effect.parents:
            self.make_way(real if effect.into else real.rpartition("/")[0])
        if effect.into is not None:
            return effect.into
        if len(self.entries) > 1 or work.is_folder(real):
            return True
        # An unknown base image may have a folder there, into which all would go.
        self.settled = any(work.is_sure(path) or work.is_absent(path) for path in (target, real))
        return False

    def make_way(self, folder: str) -> None:
        """The folders that `install -D` makes."""
        missing: list[str] = []
        while folder and not self.work.is_folder(folder):
            missing.append(folder)
            folder = folder.rpartition("/")[0]
        for each in reversed(missing):
            owner = self.work.owner_in(each, self.act)
            self.work.make_folder(each, self.place.span, Attributes(0o755, owner), self.act.runs)

    def run(self) -> None:
        """Carry what is known, and say what is not."""
        effect = self.effect
        if isinstance(effect, Links) and effect.symbolic:
            for argument in effect.sources:
                self.link(effect, argument)
            return
        for argument, entry in self.entries:
            content = _is_content(argument.text) and self.work.is_folder(entry)
            self.entry(entry, _place(self.target, entry, self.into and not content))
        for argument in self.lost:
            self.unknown(argument)

    def unknown(self, argument: Argument) -> None:
        """A source of which nothing, or not all, is known."""
        effect, act, work = self.effect, self.act, self.work
        act.missed = True
        path, _ = work.path(argument, act.command)
        if path is not None and work.is_absent(path) and not argument.glob:
            return
        if isinstance(effect, Moves) and path is not None:
            work.removed(path, argument.span, act.runs and act.required)
        place = _place(self.target, argument.text, self.into)
        if isinstance(effect, Copies) and not effect.recursive and not argument.glob:
            origin = work.unknown_content(place, self.place)
            if not work.is_folder(place):
                work.put(place, self.place.span, origin, self.fresh(place, Attributes()).but(size=None), False)
        else:
            reason = f"what {act.command.program} puts here is not known"
            work.opaque(reason, argument.span, self.target if self.into or argument.glob else place)

    def link(self, effect: Links, argument: Argument) -> None:
        """A symbolic link with the text of a source."""
        place = _place(self.target, argument.text, self.into)
        if argument.value is None or self.work.is_folder(place):
            self.work.opaque("ln makes a link that is not known", argument.span, place)
            return
        text = argument.value
        if effect.relative:
            pointed, _ = self.work.path(argument, self.act.command)
            text = relpath(pointed or "/", place.rpartition("/")[0] or "/")
        if not effect.force and not self.work.is_absent(place):
            self.act.missed = True
        certain = self.act.surely(effect.force or self.work.is_absent(place)) and self.sure
        attributes = Attributes(0o777, self.work.owner_in(place, self.act), len(text.encode()), text)
        origin = self.work.unknown_content(place, self.place)
        self.work.put(place, self.place.span, origin, attributes, certain)

    # -- one source

    def entry(self, entry: str, place: str) -> None:
        """One file or folder of the sources goes to `place`."""
        effect, work = self.effect, self.work
        keeps_links = isinstance(effect, Moves) or (
            isinstance(effect, Copies) and (effect.follow is False or (effect.recursive and effect.follow is None))
        )
        top = entry if keeps_links else work.real(entry)
        folder = work.filesystem(top).tree.is_folder(top)
        whole = isinstance(effect, Moves) or (isinstance(effect, Copies) and effect.recursive)
        if (folder and not whole) or place == top or place.startswith(top.rstrip("/") + "/"):
            self.act.missed = True
            return
        if folder:
            self.tree(top, place)
        elif top in work.filesystem(top).tree.files:
            self.file(top, place)
        else:
            self.act.missed = True
            work.opaque("what a link points to is not known", self.place.span, place)

    def file(self, top: str, place: str) -> None:
        """One file."""
        work, act, effect = self.work, self.act, self.effect
        source = work.filesystem(top).tree.files[top]
        certain = act.surely(work.is_sure(top) and work.can_write(place)) and self.sure
        was = work.attributes(top)
        state = _Source(source, was, work.is_sure(top), top in work.filesystem(top).tree.rewritten)
        if isinstance(effect, Moves):
            twins = work.twins.get(top)
            self.take_away(top, certain)
            made = self.write(state, place, was, certain)
            work.retie(twins, top, place)
            if certain and work.in_layer(top) and work.in_layer(place):
                work.state.moved(source, made)
            return
        if isinstance(effect, Links):
            self.write(state, place, was, certain)
            work.tie(top, place)
            return
        if was.link is not None and not effect.fresh:
            self.write(state, place, Attributes(0o777, self.belongs(place, was), was.size, was.link), certain)
            return
        real = work.real(place)
        if effect.fresh or real not in work.filesystem(real).tree.files:
            self.write(state, place if effect.fresh else real, self.fresh(place, was), certain)
            return
        old = work.attributes(real) if work.is_sure(real) else Attributes()
        after = self.fresh(real, was) if effect.preserve else Attributes(old.mode, old.owner, was.size)
        self.write(state, real, after, certain, in_place=True)

    def write(
        self, source: _Source, place: str, attributes: Attributes, certain: bool, *, in_place: bool = False
    ) -> Added:
        """The file at its new path."""
        added = source.added
        work = self.work
        sure = added.certain and certain
        made = work.put(place, self.place.span, added.origin, attributes, sure, added.hops, in_place=in_place)
        tree = work.filesystem(place).tree
        if not source.sure or not self.settled:
            tree.sure.discard(place)
        if source.rewritten:
            tree.changed[place] = attributes
            tree.rewritten.add(place)
        return made

    def tree(self, top: str, place: str) -> None:
        """A folder with all that is in it."""
        work, act, effect = self.work, self.act, self.effect
        here = work.filesystem(top)
        certain = act.surely(work.is_sure(top) or here is not work.state or here.is_folder(top)) and self.sure
        top, cut = top.rstrip("/"), len(top.rstrip("/"))
        files = work.files_in(top)
        if not work.is_plain(top):
            files = [added for added in files if work.filesystem(added.path) is here]
        before = _Tree(here.tree, top, files)
        moves = isinstance(effect, Moves)
        if moves:
            self.take_away(top, certain)
        if not before.whole:
            work.opaque("a folder may hold more than is known", self.place.span, place)
        owner = work.owner_in(place, act)
        for path, given, sure in before.folders:
            new = given if moves else Later(given, self.folder_of(owner))
            work.make_folder(place + path[cut:], self.place.span, new, certain and sure)
        self.write_tree(before, place, cut, certain, owner)

    def write_tree(self, before: _Tree, place: str, cut: int, certain: bool, owner: str | None) -> None:
        """The files of a folder at their new paths."""
        work, moves, copied = self.work, isinstance(self.effect, Moves), self.file_of(owner)
        there = work.filesystem(place).tree
        span, stage, instruction = self.place.span, work.state.stage.index, work.instruction
        made: list[Added] = []
        for added, given in zip(before.files, before.given, strict=True):
            path = place + added.path[cut:]
            if not moves and path in there.files:
                old = there.attributes(path) or Attributes()
                new: Attributes | Later | None = Later(given, partial(_over, old, copied, self.preserves))
            else:
                new = given if moves else Later(given, copied)
            sure = added.certain and certain
            made.append(Added(path, instruction, stage, span, added.origin, added.hops, sure, new))
            if work.twins and moves:
                work.retie(work.twins.get(added.path), added.path, path)
            elif work.twins:
                work.spread(path, span)
        if work.is_plain(place) or not work.in_layer(place):
            work.filesystem(place).add_all(made)
        else:
            work.state.add_all([added for added in made if work.in_layer(added.path)])
        for path, target in before.links:
            there.link(place + path[cut:], target)
        there.sure.difference_update([place + path[cut:] for path in before.unsure])
        there.rewritten.update(place + path[cut:] for path in before.rewritten)
        if moves and certain and work.in_layer(place):
            for added, new_added in zip(before.files, made, strict=True):
                if work.in_layer(added.path):
                    work.state.moved(added, new_added)

    @property
    def preserves(self) -> bool:
        return isinstance(self.effect, Copies) and self.effect.preserve

    def take_away(self, top: str, certain: bool) -> None:
        """The old path of what is moved."""
        if not certain:
            self.work.filesystem(top).tree.doubt(top)
            return
        word = next((argument for argument, entry in self.entries if entry.rstrip("/") == top.rstrip("/")), self.place)
        removed = self.work.removed(top, word.span, certain)
        self.work.hide(top, removed)

    # -- attributes

    def belongs(self, place: str, was: Attributes) -> str | None:
        return was.owner if self.preserves else self.work.owner_in(place, self.act)

    def fresh(self, place: str, was: Attributes) -> Attributes:
        """What a new file gets that is copied."""
        effect, work = self.effect, self.work
        owner = self.belongs(place, was)
        if isinstance(effect, Copies) and effect.mode is not None:
            mode = changed_mode(effect.mode, 0, 0, folder=False)
            return Attributes(mode, new_owner(effect.owner, owner) if effect.owner else owner, was.size)
        if self.preserves:
            return Attributes(was.mode, owner, was.size)
        plain = was.mode is not None and was.mode < 0o1000
        return Attributes(work.masked(was.mode, self.act) if plain and was.mode is not None else None, owner, was.size)

    def folder_of(self, owner: str | None) -> Callable[[Attributes], Attributes]:
        """What a new folder gets that is copied with what is around it."""
        mask, preserves = self.work.mask(self.act.command), self.preserves

        def change(was: Attributes) -> Attributes:
            if preserves:
                return Attributes(was.mode, was.owner)
            plain = was.mode is not None and was.mode < 0o1000 and mask is not None
            return Attributes(was.mode & ~mask if plain and was.mode is not None and mask is not None else None, owner)

        return change

    def file_of(self, owner: str | None) -> Callable[[Attributes], Attributes]:
        """What a new file gets that is copied with its folder."""
        folder_of, preserves = self.folder_of(owner), self.preserves

        def change(was: Attributes) -> Attributes:
            if was.link is not None:
                return Attributes(0o777, was.owner if preserves else owner, was.size, was.link)
            changed = folder_of(was)
            return Attributes(changed.mode, changed.owner, was.size)

        return change


class _Tree:
    """A folder as it was before the command."""

    def __init__(self, tree: FileTree, top: str, files: list[Added]) -> None:
        self.files = files
        self.given = [tree.changed.get(added.path) or added.given for added in files]
        self.unsure = [added.path for added in files if added.path not in tree.sure]
        self.links = tree.links_below(top)
        self.rewritten = [path for path in tree.rewritten if path.startswith(top + "/")]
        folders = list(tree.folders_below(top))
        self.whole = all(tree.is_whole(path) for path in folders)
        self.folders = [(path, tree.given_folder(path), path in tree.sure) for path in folders]


def _over(old: Attributes, copied: Callable[[Attributes], Attributes], preserves: bool, was: Attributes) -> Attributes:
    """What a file that is there keeps when `cp` writes over it."""
    if was.link is not None or preserves:
        return copied(was)
    return Attributes(old.mode, old.owner, was.size)


class _Source:
    """A file as it was before the command."""

    __slots__ = ("added", "attributes", "rewritten", "sure")

    def __init__(self, added: Added, attributes: Attributes, sure: bool, rewritten: bool) -> None:
        self.added = added
        self.attributes = attributes
        self.sure = sure
        self.rewritten = rewritten


def _place(target: str, source: str, into: bool) -> str:
    """Where a source goes: into a folder under its own name, or to the path itself."""
    return f"{target.rstrip('/')}/{name_of(source.rstrip('/'))}" if into else target


def _is_content(source: str) -> bool:
    """Whether `cp -r` is told to copy what is in a folder, and not the folder."""
    return source.rstrip("/").rpartition("/")[2] in (".", "..")
