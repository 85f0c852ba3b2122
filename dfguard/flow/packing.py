"""`tar` and `unzip` in a RUN: what they pack, and what comes out again."""

from __future__ import annotations

from posixpath import normpath

from dfguard.flow.archives import FILE, FOLDER, HARD, LINK, OTHER, Member, tar_members, zip_members
from dfguard.flow.events import COMMAND, Added, Attributes, Origin
from dfguard.flow.paths import join
from dfguard.flow.workplace import Act, Workplace
from dfguard.shell.argument import Argument
from dfguard.shell.effects import Packs, Unpacks
from dfguard.source import Span

_WRITES_LATER = "what is in the archive is not known"


def pack(effect: Packs, work: Workplace, act: Act) -> None:
    """`tar -c`: a new file, of which it is known what it holds."""
    assert effect.archive is not None
    path, sure = work.path(effect.archive, act.command)
    if path is None:
        work.opaque("tar writes an archive whose path is not known", effect.archive.span)
        return
    path = work.real(path)
    members = packed(effect, work, act)
    was = work.attributes(path)
    after = work.new_file(path, act).but(size=None) if work.is_absent(path) else Attributes(was.mode, was.owner)
    origin = work.unknown_content(path, effect.archive)
    work.world.packed(origin, members)
    certain = sure and act.surely(members is not None and work.can_write(path))
    work.put(path, effect.archive.span, origin, after, certain, in_place=True)


def packed(effect: Packs, work: Workplace, act: Act) -> tuple[Member, ...] | None:
    """The entries that `tar -c` writes; None when not all of them are known."""
    if not effect.exact:
        return None
    out: list[Member] = []
    for word, folder in effect.sources:
        base = work.path(folder, act.command)[0] if folder is not None else ""
        if base is None or word.value is None or (word.glob and folder is not None):
            return None
        path = work.path_of(join(base, word.value) if base else word.value, act.command)[0]
        named = work.named(word, path) if path is not None else []
        if path is None or not named or not work.knows_all(word, path):
            return None
        for entry in named:
            written = word.value if not word.glob else word.value.rpartition("/")[0] + "/" + entry.rpartition("/")[2]
            if not _pack_entry(entry, written.lstrip("/"), work, out):
                return None
    return tuple(out)


def _pack_entry(entry: str, name: str, work: Workplace, out: list[Member]) -> bool:
    tree = work.filesystem(entry).tree
    cut = len(entry.rstrip("/"))
    name = name.rstrip("/")
    if not tree.is_folder(entry):
        if entry not in tree.files or entry not in tree.sure:
            return False
        out.append(_packed_file(tree.files[entry], name, work))
        return True
    folders = list(tree.folders_below(entry))
    if not all(tree.is_whole(folder) for folder in folders):
        return False
    for folder in folders:
        known = work.attributes(folder)
        out.append(Member(name + folder[cut:], FOLDER, known.mode, known.owner, 0))
    files = work.files_in(entry)
    out += [_packed_file(added, name + added.path[cut:], work) for added in files]
    return all(added.path in tree.sure for added in files)


def _packed_file(added: Added, name: str, work: Workplace) -> Member:
    known = work.attributes(added.path)
    kind = FILE if known.link is None else LINK
    kept = None if added.path in work.filesystem(added.path).tree.rewritten else added
    return Member(name, kind, known.mode, known.owner, known.size, known.link or "", added=kept or added)


def unpack(effect: Unpacks, work: Workplace, act: Act, members: tuple[Member, ...] | None = None) -> None:
    """`tar -x`, `unzip`: the entries of an archive that is known, else anything below the folder."""
    folder, sure = work.path(effect.folder, act.command) if effect.folder else work.path_of(".", act.command)
    span = act.command.span
    if folder is None:
        work.opaque("it unpacks into a folder that is not known", span)
        return
    folder = work.real(folder)
    origin: Origin | None = None
    if effect.archive is not None:
        origin, members = _archive(effect.archive, work, act)
    if members is None or not effect.exact:
        act.missed = True
        work.opaque(_WRITES_LATER, span, folder)
        return
    certain = sure and act.surely(work.is_folder(folder))
    unpacking = _Unpacking(effect, work, act, folder, span, origin, certain)
    for member in members:
        unpacking.take(member)


def _archive(argument: Argument, work: Workplace, act: Act) -> tuple[Origin | None, tuple[Member, ...] | None]:
    path, _ = work.path(argument, act.command)
    if path is None:
        return None, None
    tree = work.filesystem(path).tree
    path = work.real(path)
    added = tree.files.get(path)
    if added is None or path not in tree.sure or path in tree.rewritten:
        return None, None
    read = zip_members if act.command.program == "unzip" else tar_members
    return added.origin, work.world.members(added.origin, read)


class _Unpacking:
    """One archive under way."""

    def __init__(
        self, effect: Unpacks, work: Workplace, act: Act, folder: str, span: Span, origin: Origin | None, certain: bool
    ) -> None:
        self.effect = effect
        self.work = work
        self.act = act
        self.folder = folder
        self.span = span
        self.origin = origin
        self.certain = certain
        self.zip = act.command.program == "unzip"

    def take(self, member: Member) -> None:
        """One entry."""
        if self.effect.members and not any(_is_below(member.name, asked) for asked in self.effect.members):
            return
        name = self.stripped(member.name)
        if name is None:
            return
        path = self.work.filesystem(self.folder).tree.real(join(self.folder, name), follow=False)
        if member.kind == FOLDER:
            self.make(path, member)
        elif member.kind == OTHER:
            self.work.opaque("it unpacks a device or the like", self.span, path)
        else:
            self.write(path, member)

    def stripped(self, name: str) -> str | None:
        """The name below the folder; None when nothing is left of it."""
        parts = [part for part in name.split("/") if part]
        if ".." in parts:
            return None
        parts = [part for part in parts[self.effect.strip :] if part != "."]
        return "/".join(parts) or ("." if not self.effect.strip else None)

    def attributes(self, path: str, member: Member) -> Attributes:
        """What the entry gets."""
        owner = self.owner(path, member)
        link = member.target if member.kind == LINK else None
        size = len(member.target.encode()) if member.kind == LINK else member.size
        return Attributes(
            0o777 if link is not None else member.mode, owner, None if member.kind == FOLDER else size, link
        )

    def owner(self, path: str, member: Member) -> str | None:
        act, work = self.act, self.work
        if self.zip or not self.effect.owners or act.owner != "0:0":
            return work.owner_in(path, act) if self.zip or not self.effect.owners else None
        if member.kind == LINK:
            return None  # GNU tar gives a link its owner, BusyBox does not
        if not member.user and not member.group:
            return member.owner
        passwd, group = (
            work.world.text_at(work.state.tree, "/etc/passwd"),
            work.world.text_at(work.state.tree, "/etc/group"),
        )
        absent = work.is_absent("/etc/passwd") and work.is_absent("/etc/group")
        if (passwd is None or group is None) and not absent:
            return member.owner if (member.user, member.group, member.owner) == ("root", "root", "0:0") else None
        told = work.numbers(f"{member.user}:{member.group}").split(":")
        numbers = (member.owner or ":").split(":")
        return ":".join(new if new.isdecimal() else old for new, old in zip(told, numbers, strict=True)) or None

    def make(self, path: str, member: Member) -> None:
        """A folder; one that is there gets the attributes too."""
        work = self.work
        after = self.attributes(path, member)
        self.make_way(path.rpartition("/")[0])
        if not work.filesystem(path).tree.is_folder(path):
            work.make_folder(path, self.span, after, self.certain)
        elif not self.zip and work.attributes(path) != after:
            work.change(path, self.span, after, self.certain and work.is_sure(path))

    def make_way(self, folder: str) -> None:
        """Folders that the archive does not name."""
        work = self.work
        missing: list[str] = []
        while folder and not work.filesystem(folder).tree.is_folder(folder):
            missing.append(folder)
            folder = folder.rpartition("/")[0]
        for each in reversed(missing):
            made = Attributes(work.masked(0o777, self.act), work.owner_in(each, self.act))
            work.make_folder(each, self.span, made, self.certain)

    def write(self, path: str, member: Member) -> None:
        """A file or a link."""
        work = self.work
        self.make_way(path.rpartition("/")[0])
        if member.kind == HARD:
            self.tie(path, member)
            return
        origin, hops = self.origin_of(member), ()
        added = member.added
        if added is not None:
            work.put(path, self.span, added.origin, self.attributes(path, member), self.certain, added.hops)
            return
        work.put(path, self.span, origin, self.attributes(path, member), self.certain, hops)

    def tie(self, path: str, member: Member) -> None:
        """Another name of an earlier entry."""
        work = self.work
        name = self.stripped(member.target)
        source = join(self.folder, name) if name else None
        tree = work.filesystem(path).tree
        old = tree.files.get(source) if source else None
        if old is None or source is None:
            work.opaque("it unpacks a hard link that is not followed", self.span, path)
            return
        work.put(path, self.span, old.origin, work.attributes(source), self.certain, old.hops)
        work.tie(source, path)

    def origin_of(self, member: Member) -> Origin:
        """Where an entry comes from: the archive of the context."""
        if self.origin is not None and self.origin.file is not None:
            return self.origin.part(member.name, self.origin.place)
        return Origin(COMMAND, member.name, self.span)


def _is_below(name: str, asked: str) -> bool:
    name, asked = normpath(name), normpath(asked)
    return name == asked or name.startswith(asked + "/")
