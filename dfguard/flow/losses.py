"""What the layers of the image hold in vain: files that a later layer removes, replaces, moves or writes anew.

A layer is an archive of whole files (https://github.com/opencontainers/image-spec/blob/main/layer.md): what
one byte, the mode or the owner of a file changes is in the later layer once more, and a removal is only a marker.
That `chown` to the same owner counts too was tried on Docker Engine 26 (overlay2, BuildKit and the classic builder).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet

from dfguard.amounts import amount
from dfguard.claim import InstructionId
from dfguard.claim import Wasted as WastedClaim
from dfguard.dockerfile.nodes import Instruction, Run
from dfguard.flow.copied import Bulk, Files
from dfguard.flow.events import COMMAND, REMOTE, Added, Changed, Filled, Opaque, Removed
from dfguard.flow.filesystem import StageFlow
from dfguard.flow.paths import UNKNOWN, join, plain_part
from dfguard.flow.play import Flow
from dfguard.shell.commands import Command
from dfguard.shell.effects.caches import BUILDERS, KEPT
from dfguard.shell.script import Script
from dfguard.source import Span
from dfguard.struct import Struct

REMOVED, REPLACED, EDITED, MOVED, ATTRIBUTES = "removed", "replaced", "edited", "moved", "attributes"
_DOWNLOADS = ("curl", "wget", "aria2c", "axel", "gsutil", "aws")
_ARCHIVES = tuple(".tar .gz .tgz .bz2 .xz .zst .zip .7z .deb .rpm .jar .whl .iso .run".split())
_MODES = ("chown", "chmod", "chgrp")
_APT = ("apt-get", "apt", "aptitude")  # images of Debian and Ubuntu keep none of what it fetches
# Managers whose folders in the working directory a Filled tells as "anywhere".
_LOCAL = ("node_modules",)


class Loss(Struct):
    """Files that one instruction put into the image and a later one put there in vain, in one of five ways (`how`).

    `place` is the word that brought them, `by` the later instruction, `cause` the word or command in it. `size`
    counts the bytes that are known; `heavy` are those without a known size that are worth a word: downloads, and
    archives. `program` filled a folder below `path` with files whose names are not known; then `files` is empty.
    """

    how: str
    instruction: Instruction
    stage: int
    place: Span
    by: Instruction
    cause: Span
    files: tuple[Added, ...]
    size: int
    heavy: tuple[Added, ...]
    certain: bool
    command: Command | None = None
    program: str = ""
    path: str = ""

    @property
    def weight(self) -> str:
        """The known bytes, for people."""
        return amount(self.size)

    def claims(self, most: int) -> tuple[WastedClaim, ...]:
        """What must be true of the image, for the largest files."""
        largest = sorted(self.files, key=lambda added: -(added.attributes.size or 0))[:most]
        return tuple(WastedClaim(a.path, InstructionId(a.stage, a.instruction.index)) for a in largest)


def losses(flow: Flow, script: Callable[[Run], Script]) -> tuple[Loss, ...]:
    """All of the image's own layers, in the order of the words that brought the files."""
    found = _Losses(flow, script)
    out = [*found.of_files(), *found.of_folders()]
    return tuple(sorted(out, key=lambda loss: (loss.place.start, loss.cause.start)))


class _Losses:
    """The shipped stages under review."""

    def __init__(self, flow: Flow, script: Callable[[Run], Script]) -> None:
        self.flow = flow
        self.script = script
        self.removed: dict[int, list[str]] = {}  # by instruction: the folders that it removes something in
        for stage in flow.shipped:
            for event in stage.others:
                if isinstance(event, Removed):
                    self.removed.setdefault(id(event.instruction), []).append(plain_part(event.path).rstrip("/"))
        self.groups: dict[tuple[int, int, int, str], list[tuple[Added, Span, Instruction, bool]]] = {}

    # -- known files

    def of_files(self) -> Iterator[Loss]:
        """Files whose names are known."""
        replaced = self.replacements() if self.has_replacements() else frozenset()
        for stage in self.flow.shipped:
            moves = _moves(stage) if stage.removals else set()
            for removal in stage.removals:
                removed = removal.removed
                if id(removal.added) in replaced:
                    continue
                how = MOVED if (id(removed.instruction), id(removal.added.origin)) in moves else REMOVED
                self.note(removal.added, how, removed.place, removed.instruction, removed.certain)
        for (_, _, _, how), noted in self.groups.items():
            yield self.loss(how, noted)

    def has_replacements(self) -> bool:
        """Whether a file is written twice, or changed."""
        paths: list[str] = []
        for part in self.flow.shipped_files.parts:
            if isinstance(part, Bulk):
                paths += part.layout.paths
            else:
                paths.append(part.path)
        changed = (event for stage in self.flow.shipped for event in stage.others if isinstance(event, Changed))
        return len(set(paths)) < len(paths) or next(changed, None) is not None

    def replacements(self) -> AbstractSet[int]:
        """Note the files that are written again or changed; the result is those written again, by id(added)."""
        current = Files()
        replaced: set[int] = set()
        for stage in self.flow.shipped:
            for event in stage.events.parts:
                if isinstance(event, Bulk):
                    for path in sorted(current.keys() & event.layout.at.keys(), key=event.layout.at.__getitem__):
                        old, certain = current[path], event.of(path).certain
                        replaced.add(id(old))
                        self.note(old, REPLACED, event.place, event.instruction, certain)
                    current.put_all(event)
                elif isinstance(event, Added):
                    before = current.get(event.path)
                    current[event.path] = event
                    if before is not None:
                        replaced.add(id(before))
                        self.note(before, REPLACED, event.place, event.instruction, event.certain)
                elif isinstance(event, Changed) and isinstance(event.before, Added):
                    how = EDITED if event.content else ATTRIBUTES
                    self.note(event.before, how, event.place, event.instruction, event.certain)
        return replaced

    def note(self, added: Added, how: str, cause: Span, by: Instruction, certain: bool) -> None:
        """One file is lost."""
        if added.instruction is not by and not self.takes_back(added.instruction, added.path):
            key = (added.place.start, id(added.instruction), id(by), how)
            self.groups.setdefault(key, []).append((added, cause, by, certain and added.certain))

    def loss(self, how: str, noted: list[tuple[Added, Span, Instruction, bool]]) -> Loss:
        """The files of one word that one instruction makes vain."""
        files = tuple({id(added): added for added, _, _, _ in noted}.values())
        sizes = [added.attributes.size for added in files]
        first, cause, by, _ = noted[0]
        heavy = tuple(a for a, size in zip(files, sizes, strict=True) if size is None and self.is_heavy(a))
        size = sum(size or 0 for size in sizes)
        certain = all(sure for _, _, _, sure in noted)
        command = self.command_at(by, cause)
        return Loss(how, first.instruction, first.stage, first.place, by, cause, files, size, heavy, certain, command)

    def is_heavy(self, added: Added) -> bool:
        """Whether a file of unknown size is worth a word."""
        if not added.path.lower().endswith(_ARCHIVES):
            return False
        if added.origin.kind == REMOTE:
            return not added.hops
        if added.origin.kind != COMMAND or not isinstance(added.instruction, Run):
            return False
        command = self.command_at(added.instruction, added.place)
        return command is not None and command.program in _DOWNLOADS

    def command_at(self, instruction: Instruction, place: Span) -> Command | None:
        """The command that a place stands in."""
        if not isinstance(instruction, Run):
            return None
        commands = (c for c in self.script(instruction).commands if (c.statement or c.span).contains(place))
        return min(commands, key=lambda c: c.span.end - c.span.start, default=None)

    # -- folders that programs filled

    def of_folders(self) -> Iterator[Loss]:
        """Folders that a program filled, with names that are not known."""
        filled: list[tuple[Filled, str]] = []
        told: set[tuple[int, str, str]] = set()
        for stage in self.flow.shipped:
            for event in stage.others:
                if isinstance(event, Filled):
                    filled += [(event, path) for path in _paths(event, stage)]
                for each, path in filled if isinstance(event, (Removed, Opaque)) else ():
                    how = self.takes(event, each, path)
                    key = id(each.instruction), each.program, how
                    if how and key not in told and not self.takes_back(each.instruction, path):
                        told.add(key)
                        yield self.folder(how, each, path, event)

    def takes(self, event: object, filled: Filled, path: str) -> str:
        """How an event makes a filled folder vain, "" when it does not."""
        if not isinstance(event, (Removed, Opaque)) or event.instruction is filled.instruction:
            return ""
        if isinstance(event, Removed):
            return REMOVED if event.recursive and _is_cache(filled) and _covers(event.path, path) else ""
        scope = event.scope.rstrip("/")
        if event.place is None or not scope or not (path == scope or path.startswith(scope + "/")):
            return ""
        ours = filled.program == "git" or path.endswith(_LOCAL)
        command = self.command_at(event.instruction, event.place) if ours else None
        return ATTRIBUTES if command is not None and command.program in _MODES else ""

    def takes_back(self, instruction: Instruction, path: str) -> bool:
        """Whether an instruction itself may remove again what it wrote."""
        tops = self.removed.get(id(instruction), ())
        return any(path == top or path.startswith(top + "/") or top.startswith(path + "/") for top in tops)

    def folder(self, how: str, filled: Filled, path: str, event: object) -> Loss:
        """The loss of what a program wrote."""
        assert isinstance(event, (Removed, Opaque)) and event.place is not None
        by, cause = event.instruction, event.place
        command = self.command_at(by, cause)
        at = filled.instruction, filled.stage, filled.place
        return Loss(how, *at, by, cause, (), 0, (), False, command, filled.program, path)


def _is_cache(filled: Filled) -> bool:
    """Whether a folder is one that its program can do without."""
    if filled.program == "git":
        return True
    places = KEPT[filled.program].cache if filled.program in KEPT else BUILDERS.get(filled.program, ())
    return filled.program not in _APT and any(filled.path.endswith(place.lstrip("~")) for place in places)


def _covers(pattern: str, path: str) -> bool:
    """Whether a removal takes all, or nearly all, that a program keeps in a folder."""
    top = plain_part(pattern).rstrip("/")
    if not top or pattern[len(top) :] not in ("", "/", "/*", "/**", "/*/"):
        return False
    return path == top or path.startswith(top + "/") or (top == pattern and top.startswith(path + "/"))


def _moves(stage: StageFlow) -> set[tuple[int, int]]:
    """The (instruction, origin) of what an instruction wrote: what it also removes elsewhere, it has moved."""
    made = (event for event in stage.added.single if isinstance(event.instruction, Run))
    return {(id(event.instruction), id(event.origin)) for event in made}


def _paths(filled: Filled, stage: StageFlow) -> Iterable[str]:
    """Where a program's files lie, as far as that can be said."""
    path = filled.path
    if not path.startswith(UNKNOWN):
        return (path,)
    name = path[len(UNKNOWN) + 1 :]
    workdir = stage.workdirs.get(filled.instruction.index, UNKNOWN)
    words = filled.place.text.split()
    if name in _LOCAL and not workdir.startswith(UNKNOWN) and not {"-g", "--global", "--prefix"} & set(words):
        return (join(workdir, name),)
    return ()
