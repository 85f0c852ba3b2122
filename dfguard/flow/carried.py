"""What COPY --from brings of a folder of an earlier stage, all at once: each file is made when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from dfguard.context.tree import ContextFile
from dfguard.dockerfile.nodes import Instruction
from dfguard.flow.copied import Bulk, Copied, Layout
from dfguard.flow.events import CONTEXT, Added, Attributes, Later
from dfguard.flow.filetree import FileTree
from dfguard.source import Span

DEEPEST = 30
"""Through so many stages files are carried on before they are made."""

Over = Callable[[Attributes | Later | None], Attributes | Later | None]


class Carried(Bulk):
    """Files of a stage that is played: those at `paths` of its `tree`, with attributes laid `over` theirs.

    Of `files` those of named contexts are None.
    """

    __slots__ = ("depth", "over", "paths", "tree")

    def __init__(
        self,
        layout: Layout,
        instruction: Instruction,
        stage: int,
        place: Span,
        certain: bool,
        tree: FileTree,
        paths: Sequence[str],
        over: Over,
    ) -> None:
        super().__init__(layout, instruction, stage, place, certain)
        self.tree = tree
        self.paths = paths
        self.over = over
        self.named = None
        self.depth = 1
        self.files = self._find()
        self.sources = [file.path if file is not None else None for file in self.files]
        if self.depth > DEEPEST:
            self.depth = 1
            for path in paths:
                tree.files[path]

    def _find(self) -> list[ContextFile | None]:
        found: list[ContextFile | None] = []
        part_of = self.tree.files.part
        for path in self.paths:
            part = part_of(path)
            if isinstance(part, Added):
                found.append(part.origin.file if part.origin.kind == CONTEXT and not part.origin.member else None)
            elif isinstance(part, Copied):
                found.append(part.files[part.layout.at[path]] if part.named is None else None)
            else:
                assert isinstance(part, Carried)
                found.append(part.files[part.layout.at[path]])
                self.depth = max(self.depth, part.depth + 1)
        return found

    def _make(self, index: int) -> Added:
        path, tree = self.paths[index], self.tree
        added = tree.files[path]
        given = self.over(tree.changed.get(path) or added.given)
        hops, certain = (*added.hops, self.place), added.certain and self.certain
        here = self.layout.paths[index]
        return Added(here, self.instruction, self.stage, self.place, added.origin, hops, certain, given)

    @property
    def special(self) -> Iterable[Added]:
        """See Bulk."""
        return [self.get(index) for index, file in enumerate(self.files) if file is None]
