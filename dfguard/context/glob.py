"""Go's filepath.Match, in linear time: sources of COPY and ADD, and the first check of ignore patterns.

https://pkg.go.dev/path/filepath#Match. A mistake in a pattern counts only where Go gets to see it:
it reads chunk by chunk (a chunk ends before a `*`) and stops at the first that does not match.
"""

from __future__ import annotations

from functools import lru_cache

from dfguard.struct import Struct

Item = tuple[str, bool, tuple[tuple[str, str], ...]]  # a literal, or "" with (negated, ranges); "?" has no ranges


class Chunk(Struct):
    """What follows a `*` (`star`) or the start of the pattern; `items` is None for a malformed chunk."""

    star: bool
    items: tuple[Item, ...] | None


class Glob(Struct):
    """A pattern, read once."""

    text: str
    chunks: tuple[Chunk, ...]

    def matches(self, path: str) -> bool:
        """Whether the whole path matches; a malformed pattern matches nothing."""
        return self._run(path) is True

    def faulty_on(self, path: str) -> bool:
        """Whether Go returns ErrBadPattern when it compares the pattern with `path`."""
        return self._run(path) is None

    def _run(self, path: str) -> bool | None:
        at = 0
        for number, chunk in enumerate(self.chunks):
            last = number == len(self.chunks) - 1
            if chunk.star and chunk.items == ():
                return "/" not in path[at:]
            if chunk.items is None:
                return None
            found = _find(chunk.items, path, at, chunk.star, last)
            if found < 0:
                return False
            at = found
        return at == len(path)


def _find(items: tuple[Item, ...], path: str, at: int, star: bool, last: bool) -> int:
    """The end of the first place from `at` where the items match; -1 when there is none."""
    while True:
        end = _match(items, path, at)
        if end >= 0 and (not last or end == len(path)):
            return end
        if not star or at >= len(path) or path[at] == "/":
            return -1
        at += 1


def _match(items: tuple[Item, ...], path: str, at: int) -> int:
    if at + len(items) > len(path):
        return -1
    for literal, inverse, ranges in items:
        char = path[at]
        at += 1
        if literal:
            if char != literal:
                return -1
        elif ranges:
            if any(low <= char <= high for low, high in ranges) == inverse:
                return -1
        elif char == "/":
            return -1
    return at


@lru_cache(maxsize=1024)
def read(text: str) -> Glob:
    """Read a pattern; never raises."""
    chunks, at = [], 0
    while at < len(text):
        start = at
        while text.startswith("*", at):
            at += 1
        end = _chunk_end(text, at)
        chunks.append(Chunk(at > start, _items(text[at:end])))
        at = end
    return Glob(text, tuple(chunks))


def has_wildcard(segment: str) -> bool:
    """Whether BuildKit takes a segment of a COPY source for a pattern."""
    escaped = False
    for char in segment:
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char in "*?[":
            return True
    return False


def _chunk_end(text: str, at: int) -> int:
    inside = False
    while at < len(text):
        char = text[at]
        if char == "\\":
            at += 1
        elif char in "[]":
            inside = char == "["
        elif char == "*" and not inside:
            return at
        at += 1
    return len(text)


def _items(chunk: str) -> tuple[Item, ...] | None:
    items: list[Item] = []
    at = 0
    while at < len(chunk):
        char = chunk[at]
        at += 1
        if char == "[":
            read_class = _class(chunk, at)
            if read_class is None:
                return None
            item, at = read_class
            items.append(item)
        elif char == "?":
            items.append(("", False, ()))
        else:
            if char == "\\":
                if at == len(chunk):
                    return None
                char = chunk[at]
                at += 1
            items.append((char, False, ()))
    return tuple(items)


def _class(chunk: str, at: int) -> tuple[Item, int] | None:
    """The class whose `[` lies before `at`, and where it ends; None when it is malformed."""
    inverse = chunk.startswith("^", at)
    at += inverse
    ranges: list[tuple[str, str]] = []
    while not (ranges and chunk.startswith("]", at)):
        low, at = _class_char(chunk, at)
        high = low
        if low and chunk.startswith("-", at):
            high, at = _class_char(chunk, at + 1)
        if not high:
            return None
        ranges.append((low, high))
    return ("", inverse, tuple(ranges)), at + 1


def _class_char(chunk: str, at: int) -> tuple[str, int]:
    """A plain or escaped character that something follows; "" for a mistake."""
    if chunk[at : at + 1] in ("", "-", "]"):
        return "", at
    at += chunk[at] == "\\"
    char = chunk[at : at + 1]
    bad = "\udc80" <= char <= "\udcff" or at + 1 >= len(chunk)
    return "" if bad else char, at + 1
