"""The files that one word of a COPY brings, all at once: each is made when somebody asks for it.

A COPY of all of a large context is most of what a build is, and hardly anybody asks for its files one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, islice
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
    """Where files go; `links` are the targets of those that are links, `at` is the index of each path."""

    def __init__(self, paths: tuple[str, ...], links: tuple[tuple[str, str], ...]) -> None:
        self.paths = paths
        self.links = links

    @cached_property
    def at(self) -> dict[str, int]:
        """The index of each path."""
        return dict(zip(self.paths, range(len(self.paths)), strict=True))

    @cached_property
    def names(self) -> dict[str, dict[str, None]]:
        """The names of the files in each folder that holds any, in order."""
        found: dict[str, dict[str, None]] = {}
        last, its = None, {}
        for path in self.paths:
            folder, _, name = path.rpartition("/")
            if folder != last:
                last, its = folder, found.setdefault(folder, {})
            its[name] = None
        return found


class ContextLayout(Layout):
    """Where the entries of a folder of a context go: nothing in it hangs on an instruction.

    `sources` are the paths of the files in the context, `folders` the folders with their paths in the image.
    """

    def __init__(self, below: Iterable[ContextFile], base: str, cut: int) -> None:
        entries = [(base + file.path[cut:], file) for file in below]
        found = [(path, file) for path, file in entries if file.kind != "dir"]
        links = tuple([(path, file.link_target) for path, file in found if file.link_target is not None])
        super().__init__(tuple([path for path, _ in found]), links)
        self.folders = tuple([(path, file) for path, file in entries if file.kind == "dir"])
        self.files = tuple([file for _, file in found])
        self.sources = tuple([file.path for file in self.files])


class Layouts:
    """The layouts of a context that were asked for last."""

    def __init__(self, context: BuildContext) -> None:
        self._made: dict[tuple[str, str], ContextLayout] = {}
        self._kept = 0

    def of(self, selected: Selected, base: str) -> ContextLayout:
        """The layout of what a source selects, in a folder of the image; `base` ends with a slash."""
        root = "" if selected.entry is None else selected.entry.path
        layout = self._made.pop((root, base), None)
        if layout is None:
            layout = ContextLayout(selected.below, base, len(root) + 1 if root else 0)
            self._kept += len(selected.below) + 1
        self._made[root, base] = layout
        while self._kept > MOST_KEPT:
            oldest = self._made.pop(next(iter(self._made)))
            self._kept -= len(oldest.paths) + len(oldest.folders) + 1
        return layout


class Bulk:
    """The files that one word of a COPY brings, at the paths of a layout; `certain`: these are known.

    `files` are those that are plain files of the context, or of that which is `named`, None in the place of each
    other one; `sources` are their paths there.
    """

    __slots__ = ("_made", "_whole", "certain", "files", "instruction", "layout", "named", "place", "sources", "stage")
    files: Sequence[ContextFile | None]
    sources: Sequence[str | None]
    named: NamedFolder | None

    def __init__(self, layout: Layout, instruction: Instruction, stage: int, place: Span, certain: bool) -> None:
        self.layout = layout
        self.instruction = instruction
        self.stage = stage
        self.place = place
        self.certain = certain
        self._made: list[Added | None] = []
        self._whole = False

    def __len__(self) -> int:
        return len(self.layout.paths)

    def __iter__(self) -> Iterator[Added]:
        return iter(self.all)

    @property
    def all(self) -> list[Added]:
        """All files."""
        if not self._whole:
            every = self._make_all()
            self._made = [known or added for known, added in zip(self._made or every, every, strict=True)]
            self._whole = True
        return self._made  # type: ignore[return-value]

    def get(self, index: int) -> Added:
        """One of the files, always the same object."""
        if not self._made:
            self._made = [None] * len(self)
        found = self._made[index]
        if found is None:
            found = self._made[index] = self._make(index)
        return found

    def _make(self, index: int) -> Added:
        raise NotImplementedError

    def _make_all(self) -> list[Added]:
        raise NotImplementedError

    @property
    def made(self) -> list[Added]:
        """The files that somebody has asked for so far."""
        return [added for added in self._made if added is not None]

    @property
    def special(self) -> Iterable[Added]:
        """Those that may be something else than files of the context."""
        return ()

    def of(self, path: str) -> Added:
        """The file at a path of the image; raises KeyError where there is none."""
        return self.get(self.layout.at[path])

    def with_names(self, names: Sequence[str]) -> list[Added]:
        """The files with one of some names, in order."""
        layout = self.layout
        there = [f"{folder}/{name}" for folder, its in layout.names.items() for name in names if name in its]
        return [self.get(index) for index in sorted({layout.at[path] for path in there})]


class Copied(Bulk):
    """The files of a folder of a context."""

    __slots__ = ("given",)
    files: tuple[ContextFile, ...]
    sources: tuple[str, ...]

    def __init__(
        self,
        layout: ContextLayout,
        instruction: Instruction,
        stage: int,
        place: Span,
        certain: bool,
        named: NamedFolder | None,
        given: Attributes | Later | None,
    ) -> None:
        super().__init__(layout, instruction, stage, place, certain)
        self.files = layout.files
        self.sources = layout.sources
        self.named = named
        self.given = given

    def _make(self, index: int) -> Added:
        kind = CONTEXT if self.named is None else NAMED
        origin = Origin(kind, self.sources[index], self.place, self.files[index], named=self.named)
        path = self.layout.paths[index]
        return Added(path, self.instruction, self.stage, self.place, origin, (), self.certain, self.given)

    def _make_all(self) -> list[Added]:
        kind, named, place = CONTEXT if self.named is None else NAMED, self.named, self.place
        instruction, stage, certain, given = self.instruction, self.stage, self.certain, self.given
        each = zip(self.layout.paths, self.sources, self.files, strict=True)
        return [
            Added(path, instruction, stage, place, Origin(kind, source, place, file, named=named), (), certain, given)
            for path, source, file in each
        ]


class Events(Sequence[T]):
    """Events in order; `parts` holds those that came in bulk as one."""

    def __init__(self, parts: Iterable[T | Bulk] = ()) -> None:
        self.parts = tuple(parts)

    @property
    def single(self) -> Iterator[T]:
        """All but those that came in bulk and are plain files of a context."""
        every: Iterable[Any] = (part.special if isinstance(part, Bulk) else (part,) for part in self.parts)
        return chain.from_iterable(every)

    def at(self, place: Span) -> Iterator[T]:
        """Those that a word or command brought, in order; of what came in bulk, one is made if one is asked for."""
        for part in self.parts:
            if part.place != place:
                continue
            if not isinstance(part, Bulk):
                yield part
            elif len(part):
                yield part.get(0)  # type: ignore[misc]
                yield from islice(part, 1, None)

    @cached_property
    def _all(self) -> tuple[T, ...]:
        return tuple(self)

    def __iter__(self) -> Iterator[T]:
        every: Iterable[Any] = (part if isinstance(part, Bulk) else (part,) for part in self.parts)
        return chain.from_iterable(every)

    def __len__(self) -> int:
        return len(self.parts) + sum(len(part) - 1 for part in self.parts if isinstance(part, Bulk))

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
        found: Added | Bulk = dict.__getitem__(self, path)
        if isinstance(found, Added):
            return found
        made = self[path] = found.of(path)
        return made

    def get(self, path: str, default: None = None) -> Added | None:  # type: ignore[override]
        """The file at a path, None where there is none."""
        found: Added | Bulk | None = dict.get(self, path)
        if found is None or isinstance(found, Added):
            return found
        made = self[path] = found.of(path)
        return made

    def many(self, paths: Sequence[str]) -> list[Added]:
        """The files at some paths; raises KeyError where there is none."""
        found = self.parts(paths)
        last: Bulk | None = None
        get: Callable[[int], Added]
        for index, part in enumerate(found):
            if isinstance(part, Added):
                continue
            if part is not last:
                last, at = part, part.layout.at
                get = part.all.__getitem__ if 2 * len(paths) > len(part) else part.get
            path = paths[index]
            self[path] = found[index] = get(at[path])
        return found  # type: ignore[return-value]

    def parts(self, paths: Iterable[str]) -> list[Added | Bulk]:
        """The files at some paths, or that which they came with in bulk; raises KeyError where there is none."""
        return list(map(super().__getitem__, paths))

    def forget(self, path: str) -> None:
        """Take the file at a path away, if there is one."""
        dict.pop(self, path, None)

    def values(self) -> Any:
        """All files, in the order in which their paths came."""
        return self.many(tuple(self))

    def items(self) -> Any:
        """All paths and files."""
        return zip(tuple(self), self.values(), strict=True)

    def copy(self) -> Files:
        """As they are, made or not."""
        twin = Files()
        dict.update(twin, self)
        return twin

    def put_all(self, bulk: Bulk) -> None:
        """Write many files."""
        many: Any = dict.fromkeys(bulk.layout.paths, bulk)
        dict.update(self, many)


def layouts_of(context: BuildContext) -> Layouts:
    """The layouts of a context."""
    return context.derived(Layouts)
