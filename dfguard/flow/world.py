"""What the stages of a build are played in, and the limits of the play."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import BinaryIO

from dfguard.context.named import NamedFolder
from dfguard.context.tree import BuildContext
from dfguard.dockerfile.nodes import Heredoc, Instruction, Mount, Run, Word
from dfguard.dockerfile.stages import StageGraph
from dfguard.dockerfile.words import expand
from dfguard.errors import InputError
from dfguard.flow.archives import Member
from dfguard.flow.events import Added, Origin
from dfguard.flow.filesystem import StageFlow
from dfguard.flow.filetree import FileTree
from dfguard.shell.script import Script

MAX_FILES = 2_000_000
"""How many files all instructions together may write or remove before the rest is no longer followed.

Twice as many as are read of a build context, so that one COPY of all of it is always followed.
"""
TOO_MANY = "too many files: not all are followed"

_NONE: Mapping[str, NamedFolder] = {}
_NOWHERE: tuple[int | None, str | None] = (None, None)
MAX_TEXT = 1_000_000
"""How large a file may be that is read to know what names mean."""


class World:
    """The graph, the context, the named ones by name, the scripts of the RUNs, and the stages played so far."""

    def __init__(
        self,
        graph: StageGraph,
        context: BuildContext | None,
        script: Callable[[Run], Script],
        named: Mapping[str, NamedFolder] = _NONE,
    ) -> None:
        self.graph = graph
        self.context = context
        self.named = named
        self.script = script
        self.played: list[StageFlow] = []
        self.left = MAX_FILES
        self._archives: dict[int, tuple[Origin, tuple[Member, ...] | None]] = {}  # by id(origin), which it keeps alive
        self._mounted_from = [(r.span, r.stage, r.named) for r in graph.references if r.kind == "mount"]
        self._copied_from = {id(r.instruction): (r.stage, r.named) for r in graph.references if r.kind == "copy"}

    def value(self, instruction: Instruction, word: Word) -> str | None:
        """A word as the builder reads it at an instruction; None when it needs a variable without a known value."""
        return self.expand(instruction, word.raw)

    def expand(self, instruction: Instruction, raw: str) -> str | None:
        """As `value`, for the text of a word; the default in `${name:-default}` counts where the file sets no value."""
        expanded = expand(raw, self.graph.scope_at(instruction).get, self.graph.dockerfile.escape)
        return None if expanded.unknown or expanded.error else expanded.value

    def text_of(self, instruction: Instruction, heredoc: Heredoc) -> str | None:
        """The text of a here-document as COPY writes it; None when it holds a variable without a known value."""
        text = heredoc.body.text
        if heredoc.chomp:
            text = "".join(line.lstrip("\t") for line in text.splitlines(keepends=True))
        if not heredoc.expand:
            return text
        scope = self.graph.scope_at(instruction)
        expanded = expand(text, scope.get, self.graph.dockerfile.escape, quotes=False)
        return None if expanded.unknown or expanded.error else expanded.value

    def packed(self, origin: Origin, members: tuple[Member, ...] | None) -> None:
        """Note what an archive holds that a RUN made."""
        self._archives[id(origin)] = origin, members

    def members(
        self, origin: Origin, read: Callable[[BinaryIO], tuple[Member, ...] | None]
    ) -> tuple[Member, ...] | None:
        """What is in an archive: one that a RUN made, or a file of the context; None when that is not known."""
        if id(origin) not in self._archives:
            file = origin.file
            members = None
            context = self.context_of(origin)
            if file is not None and not origin.member and file.kind == "file" and context is not None:
                try:
                    with context.open(file.path) as archive:
                        members = read(archive)
                except InputError:
                    members = None
            self._archives[id(origin)] = origin, members
        return self._archives[id(origin)][1]

    def text_at(self, tree: FileTree, path: str) -> str | None:
        """The content of a file of the image where it is known; small files only."""
        path = tree.real(path)
        added = tree.files.get(path)
        if added is None or path not in tree.sure or path in tree.rewritten:
            return None
        if added.origin.text is not None:
            return added.origin.text
        file, context = added.origin.file, self.context_of(added.origin)
        if file is None or added.origin.member or file.kind != "file" or context is None:
            return None
        try:
            return context.read(file.path, MAX_TEXT).decode("utf-8", "surrogateescape")
        except InputError:
            return None

    def stage_of(self, instruction: Instruction) -> StageFlow | None:
        """The earlier stage that a COPY takes from; None for an image, a named context, or what is refused."""
        index, _ = self._copied_from.get(id(instruction), _NOWHERE)
        return self.played[index] if index is not None and index < len(self.played) else None

    def stage_mounted(self, mount: Mount) -> StageFlow | None:
        """The earlier stage that a mount is `from`; None as for a COPY."""
        index = next((stage for span, stage, _ in self._mounted_from if mount.span.contains(span)), None)
        return self.played[index] if index is not None and index < len(self.played) else None

    def context_of(self, origin: Origin) -> BuildContext | None:
        """The context that a file of an origin lies in."""
        return self.context if origin.named is None else origin.named.context

    def folder_of(self, instruction: Instruction) -> NamedFolder | None:
        """The named context that a COPY takes from, where it is a folder that is read."""
        _, name = self._copied_from.get(id(instruction), _NOWHERE)
        return self.named.get(name) if name is not None else None

    def folder_mounted(self, mount: Mount) -> NamedFolder | None:
        """As `folder_of`, for a mount."""
        name = next((name for span, _, name in self._mounted_from if mount.span.contains(span)), None)
        return self.named.get(name) if name is not None else None

    def takes(self, count: int) -> bool:
        """Whether `count` more files may be followed; if so they are counted.

        A refusal halves what is left, so that asking again and again comes to an end.
        """
        if count > self.left:
            self.left //= 2
            return False
        self.left -= count
        return True

    def follow(self, files: list[Added]) -> list[Added] | None:
        """The files, counted; None when they are too many."""
        return files if self.takes(len(files)) else None
