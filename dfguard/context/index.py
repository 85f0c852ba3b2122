"""Which patterns of an ignore file match a path, without comparing it with each of them.

Most patterns are plain paths, names (`**/name`) or endings (`*.log`): they are looked up. So a walk with
ten thousand such lines costs little more than one with ten.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dfguard.context.pattern import EXACT, HEAD, TAIL, Compiled, Shape

Numbers = list[int]  # indices of patterns


class PatternIndex:
    """Patterns by their number; a pattern without a shape is one of `others`, to be compared one by one."""

    def __init__(self, patterns: Iterable[tuple[int, Compiled]]) -> None:
        self.exact: dict[str, Numbers] = {}
        self.heads = _Ends()
        self.tails = _Ends()
        self.names: dict[str, Numbers] = {}  # the tails that are one whole segment
        self.stars: dict[str | None, _Stars] = {}
        self.others: list[tuple[int, Compiled]] = []
        for number, compiled in patterns:
            if compiled.shape is None:
                self.others.append((number, compiled))
            else:
                self._add(compiled.shape, number)
        self.anywhere = self.stars.get(None)
        self.faulty = frozenset(number for number, compiled in self.others if compiled.fault)

    def _add(self, shape: Shape, number: int) -> None:
        if shape.kind == EXACT:
            self.exact.setdefault(shape.head, []).append(number)
        elif shape.kind == HEAD:
            self.heads.add(shape.head, number)
        elif shape.kind == TAIL and shape.tail.rfind("/") == 0:
            self.names.setdefault(shape.tail[1:], []).append(number)
        elif shape.kind == TAIL:
            self.tails.add(shape.tail, number)
        else:
            self.stars.setdefault(shape.folder, _Stars()).add(shape, number)

    def looked_up(self, folder: str, name: str, path: str) -> Numbers:
        """The numbers of the patterns with a shape that match `path`, which is `name` in `folder`; unsorted."""
        found: Numbers = []
        if path in self.exact:
            found += self.exact[path]
        if name in self.names:
            found += self.names[name]
        if self.tails.texts:
            found += self.tails.ending("/" + path)
        if self.heads.texts:
            found += self.heads.starting(path)
        if folder in self.stars:
            found += self.stars[folder].matching(name)
        if self.anywhere is not None and "\n" not in folder:
            found += self.anywhere.matching(name)
        return found

    def matching(self, folder: str, name: str, path: str) -> Numbers:
        """The numbers of all patterns that match, in order; those with a fault match nothing."""
        others = (number for number, compiled in self.others if not compiled.fault and compiled.match(path))
        return sorted((*self.looked_up(folder, name, path), *others))


class _Ends:
    """Texts by their length: which of them does a path start or end with?"""

    def __init__(self) -> None:
        self.texts: dict[int, dict[str, Numbers]] = {}

    def add(self, text: str, number: int) -> None:
        self.texts.setdefault(len(text), {}).setdefault(text, []).append(number)

    def starting(self, path: str) -> Iterator[int]:
        """The numbers of all texts that `path` starts with."""
        for length, texts in self.texts.items():
            yield from texts.get(path[:length], ())

    def ending(self, path: str) -> Iterator[int]:
        """The numbers of all texts that `path` ends with."""
        size = len(path)
        for length, texts in self.texts.items():
            if length <= size:
                yield from texts.get(path[size - length :], ())


class _Stars:
    """The patterns `head*tail` of one folder, or of any folder."""

    def __init__(self) -> None:
        self.all: Numbers = []
        self.heads = _Ends()
        self.tails = _Ends()
        self.shapes: dict[int, Shape] = {}  # of those with a head and a tail

    def add(self, shape: Shape, number: int) -> None:
        if shape.head and shape.tail:
            self.shapes[number] = shape
        if shape.tail:
            self.tails.add(shape.tail, number)
        elif shape.head:
            self.heads.add(shape.head, number)
        else:
            self.all.append(number)

    def matching(self, name: str) -> Iterator[int]:
        yield from self.all
        if self.heads.texts:
            yield from self.heads.starting(name)
        for number in self.tails.ending(name) if self.tails.texts else ():
            shape = self.shapes.get(number)
            if shape is None or (name.startswith(shape.head) and len(name) >= len(shape.head) + len(shape.tail)):
                yield number
