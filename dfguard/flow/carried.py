"""What COPY --from brings of a folder of an earlier stage, all at once: each file is made when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from dfguard.context.tree import ContextFile
from dfguard.dockerfile.nodes import Instruction
from dfguard.flow.copied import Bulk, Layout
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
            tree.files.many(paths)

    def _find(self) -> list[ContextFile | None]:
        found: list[ContextFile | None] = []
        last: Bulk | None = None
        its: Sequence[ContextFile | None] = ()
        for path, part in zip(self.paths, self.tree.files.parts(self.paths), strict=True):
            if isinstance(part, Added):
                found.append(part.origin.file if part.origin.kind == CONTEXT else None)
                continue
            if part is not last:
                last, at, its = part, part.layout.at, part.files
                if isinstance(part, Carried):
                    self.depth = max(self.depth, part.depth + 1)
            found.append(its[at[path]] if part.named is None else None)
        return found

    def _make(self, index: int) -> Added:
        path, tree = self.paths[index], self.tree
        added = tree.files[path]
        given = self.over(tree.changed.get(path) or added.given)
        hops, certain = (*added.hops, self.place), added.certain and self.certain
        here = self.layout.paths[index]
        return Added(here, self.instruction, self.stage, self.place, added.origin, hops, certain, given)

    def _make_all(self) -> list[Added]:
        changed, over, known = self.tree.changed, self.over, self.certain
        instruction, stage, place, once = self.instruction, self.stage, self.place, (self.place,)
        made = []
        for here, added in zip(self.layout.paths, self.tree.files.many(self.paths), strict=True):
            hops = (*added.hops, place) if added.hops else once
            given = over(changed.get(added.path) or added.given)
            made.append(Added(here, instruction, stage, place, added.origin, hops, added.certain and known, given))
        return made

    @property
    def special(self) -> Iterable[Added]:
        """See Bulk."""
        return [self.get(index) for index, file in enumerate(self.files) if file is None]
