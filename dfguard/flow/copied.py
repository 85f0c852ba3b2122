"""The files that one word of a COPY brings, all at once: each is made when somebody asks for it.

A COPY of all of a large context is most of what a build is, and hardly anybody asks for its files one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import Any, TypeVar, overload

from dfguard.context.named import NamedFolder
from dfguard.context.tree import BuildContext, ContextFile, Selected
from dfguard.dockerfile.nodes import Instruction
from dfguard.flow.events import CONTEXT, NAMED, Added, Attributes, Event, Later, Origin
from dfguard.source import Span

MOST_KEPT = 100_000
"""So many paths are kept for the next one who copies the same folder of a context to the same place."""

T = TypeVar("T", bound=Event)


class Layout:
    """Where the entries of a folder of a context go: nothing in it hangs on an instruction.

    `paths` are those of the files in the image, `sources` those in the context, `at` is the index of each path;
    `folders` are the folders with their paths in the image, `links` the targets of those files that are links.
    `names` are the names of the files in each folder that holds any.
    """

    def __init__(self, below: Iterable[ContextFile], base: str, cut: int) -> None:
        entries = [(base + file.path[cut:], file) for file in below]
        found = [(path, file) for path, file in entries if file.kind != "dir"]
        self.folders = tuple([(path, file) for path, file in entries if file.kind == "dir"])
        self.files = tuple([file for _, file in found])
        self.paths = tuple([path for path, _ in found])
        self.sources = tuple([file.path for file in self.files])
        self.links = tuple([(path, file.link_target) for path, file in found if file.link_target is not None])

    @cached_property
    def at(self) -> dict[str, int]:
        """The index of each path."""
        return {path: index for index, path in enumerate(self.paths)}

    @cached_property
    def names(self) -> dict[str, dict[str, None]]:
        """The names of the files in each folder that holds any, in order."""
        found: dict[str, dict[str, None]] = {}
        for path in self.paths:
            folder, _, name = path.rpartition("/")
            found.setdefault(folder, {})[name] = None
        return found


class Layouts:
    """The layouts of a context that were asked for last."""

    def __init__(self, context: BuildContext) -> None:
        self._made: dict[tuple[str, str], Layout] = {}
        self._kept = 0

    def of(self, selected: Selected, base: str) -> Layout:
        """The layout of what a source selects, in a folder of the image; `base` ends with a slash."""
        root = "" if selected.entry is None else selected.entry.path
        layout = self._made.pop((root, base), None)
        if layout is None:
            layout = Layout(selected.below, base, len(root) + 1 if root else 0)
            self._kept += len(selected.below) + 1
        self._made[root, base] = layout
        while self._kept > MOST_KEPT:
            oldest = self._made.pop(next(iter(self._made)))
            self._kept -= len(oldest.paths) + len(oldest.folders) + 1
        return layout


class Copied:
    """The files of a layout as one word of a COPY brings them."""

    __slots__ = ("_made", "certain", "given", "instruction", "layout", "named", "place", "stage")

    def __init__(
        self,
        layout: Layout,
        instruction: Instruction,
        stage: int,
        place: Span,
        named: NamedFolder | None,
        certain: bool,
        given: Attributes | Later | None,
    ) -> None:
        self.layout = layout
        self.instruction = instruction
        self.stage = stage
        self.place = place
        self.named = named
        self.certain = certain
        self.given = given
        self._made: list[Added | None] = []

    def __len__(self) -> int:
        return len(self.layout.paths)

    def __iter__(self) -> Iterator[Added]:
        return map(self.get, range(len(self.layout.paths)))

    def get(self, index: int) -> Added:
        """One of the files, always the same object."""
        made = self._made
        if not made:
            made += [None] * len(self)
        found = made[index]
        if found is None:
            layout = self.layout
            kind = CONTEXT if self.named is None else NAMED
            origin = Origin(kind, layout.sources[index], self.place, layout.files[index], named=self.named)
            found = made[index] = Added(
                layout.paths[index], self.instruction, self.stage, self.place, origin, (), self.certain, self.given
            )
        return found

    def with_names(self, names: Sequence[str]) -> list[Added]:
        """The files with one of some names, in order."""
        layout = self.layout
        there = [f"{folder}/{name}" for folder, its in layout.names.items() for name in names if name in its]
        return [self.get(index) for index in sorted({layout.at[path] for path in there})]

    @property
    def made(self) -> list[Added]:
        """The files that somebody has asked for so far."""
        return [added for added in self._made if added is not None]

    def of(self, path: str) -> Added:
        """The file at a path of the image; raises KeyError where there is none."""
        return self.get(self.layout.at[path])


class Events(Sequence[T]):
    """Events in order; `parts` holds those that came in bulk as one."""

    def __init__(self, parts: Iterable[T | Copied] = ()) -> None:
        self.parts = tuple(parts)

    @property
    def single(self) -> Iterator[T]:
        """Those that did not come in bulk: all but files of a context that lie in a copied folder."""
        return (part for part in self.parts if not isinstance(part, Copied))

    @cached_property
    def _all(self) -> tuple[T, ...]:
        return tuple(self)

    def __iter__(self) -> Iterator[T]:
        every: Iterable[Any] = (part if isinstance(part, Copied) else (part,) for part in self.parts)
        return chain.from_iterable(every)

    def __len__(self) -> int:
        return len(self.parts) + sum(len(part) - 1 for part in self.parts if isinstance(part, Copied))

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...

    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._all[index]

    def __eq__(self, other: object) -> bool:
        return tuple(other) == self._all if isinstance(other, (Events, tuple)) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._all)


class Files(dict[str, Added]):
    """Files by path. Those that came in bulk are made when somebody asks for them."""

    def __getitem__(self, path: str) -> Added:
        found: Added | Copied = dict.__getitem__(self, path)
        return found.of(path) if isinstance(found, Copied) else found

    def get(self, path: str, default: None = None) -> Added | None:  # type: ignore[override]
        """The file at a path, None where there is none."""
        found: Added | Copied | None = dict.get(self, path)
        return found.of(path) if isinstance(found, Copied) else found

    def forget(self, path: str) -> None:
        """Take the file at a path away, if there is one."""
        dict.pop(self, path, None)

    def values(self) -> Any:
        """All files, in the order in which their paths came."""
        return [self[path] for path in self]

    def items(self) -> Any:
        """All paths and files."""
        return [(path, self[path]) for path in self]

    def copy(self) -> Files:
        """As they are, made or not."""
        twin = Files()
        dict.update(twin, self)
        return twin

    def put_all(self, copied: Copied) -> None:
        """Write many files."""
        many: Any = dict.fromkeys(copied.layout.paths, copied)
        dict.update(self, many)


def layouts_of(context: BuildContext) -> Layouts:
    """The layouts of a context."""
    return context.derived(Layouts)
