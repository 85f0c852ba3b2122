"""Matching the steps of a pattern against whole paths, in time linear in the path.

Python's `re` backtracks: `*a*a*a*a*b` takes minutes on a name of fifty `a`s. So it is used only
where it can't: one star per path segment, one `**` per pattern. Everything else runs as a set of
positions kept in the bits of an integer, with the moves between sets remembered.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from dfguard.context.goregex import (
    ANY,
    END,
    FOLDERS,
    MAYBE,
    NOT_LINE_FEED,
    NOT_SLASH,
    NOT_WORD,
    ONE,
    STAR,
    START,
    WORD,
    Ranges,
    Step,
    Steps,
    holds,
)

Match = Callable[[str], object]  # true when the whole path matches

SLASH: Ranges = ((47, 47),)
MEMORY = 2_000_000  # steps times remembered moves, so that a pattern of 64 KiB stays small too


def matcher(alternatives: tuple[Steps, ...]) -> Match:
    """A function that tells whether a whole path goes through all steps of one of the alternatives."""
    if len(alternatives) == 1:
        return _one_matcher(alternatives[0])
    matches = tuple(_one_matcher(steps) for steps in alternatives)
    return lambda path: any(match(path) for match in matches)


def _one_matcher(steps: Steps) -> Match:
    needle = longest_literal(steps)
    slow = Automaton(steps).match
    if not backtracks_little(steps):
        return lambda path: needle in path and slow(path)
    compiled: list[Match] = []

    def match(path: str) -> object:
        if needle not in path:
            return False
        if "\n" in path:  # `.*` stops at a line feed, and then `re` would try every folder again
            return slow(path)
        if not compiled:
            compiled.append(re.compile(expression((steps,))).fullmatch)
        return compiled[0](path)

    return match


def literal(step: Step) -> str:
    """The one character that the step takes, or nothing."""
    one = step.kind == ONE and len(step.ranges) == 1 and step.ranges[0][0] == step.ranges[0][1]
    return chr(step.ranges[0][0]) if one else ""


def longest_literal(steps: Steps) -> str:
    """The longest text that every matching path holds."""
    best, run = "", []
    for step in (*steps, Step(END)):
        char = literal(step)
        if char:
            run.append(char)
        elif run:
            best = max(best, "".join(run), key=len)
            run = []
    return best


def last_literal(steps: Steps) -> str:
    """The text that every matching path ends with."""
    run: list[str] = []
    for step in reversed(steps):
        char = literal(step)
        if not char:
            break
        run.append(char)
    return "".join(reversed(run))


def segments(alternatives: tuple[Steps, ...]) -> int | None:
    """The number of path segments that every matching path has; None when it varies."""
    count = 1
    for step in alternatives[0]:
        if step.ranges == SLASH and step.kind == ONE:
            count += 1
        elif step.kind == FOLDERS or holds(step.ranges, 47):
            return None
    return count if len(alternatives) == 1 else None


def backtracks_little(steps: Steps) -> bool:
    """Whether `re` needs only a bounded number of passes over the path."""
    stars = folders = 0
    for at, step in enumerate(steps):
        if step.kind == FOLDERS:
            folders += 1
            if stars or folders > 1:
                return False
        elif step.kind == STAR:
            last = at == len(steps) - 1
            if not (step.ranges == NOT_SLASH or (last and step.ranges in (NOT_LINE_FEED, ANY))):
                return False
            stars += 1
        elif step.kind != ONE or not step.ranges:
            return False
        elif step.ranges == SLASH:
            stars = 0
        elif holds(step.ranges, 47):
            return False
        if stars > 1:
            return False
    return True


def expression(alternatives: tuple[Steps, ...]) -> str:
    """The steps as a Python regular expression, to be matched in full."""
    return "|".join("".join(map(_part, steps)) for steps in alternatives)


_PARTS = {FOLDERS: "(?:.*/)?", START: r"\A", END: r"\Z", WORD: r"(?a:\b)", NOT_WORD: r"(?a:\B)"}


def _part(step: Step) -> str:
    if step.kind in _PARTS:
        return _PARTS[step.kind]
    if not step.ranges:
        return "(?!)"
    if step.kind == ONE and (char := literal(step)):
        return re.escape(char)
    ranges = "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in step.ranges)
    return f"[{ranges}]" + {STAR: "*", MAYBE: "?"}.get(step.kind, "")


class Automaton:
    """The steps as a machine on bits: bit `i` of a set means that step `i` comes next.

    A set is a pair: the positions, and those FOLDERS steps whose `.*` has begun.
    """

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self.done = 1 << len(steps)
        self.kinds = {kind: self._mask(kind) for kind in (ONE, MAYBE, STAR, FOLDERS, START, END, WORD, NOT_WORD)}
        self.single = self.kinds[ONE] | self.kinds[MAYBE]
        self.free = self.kinds[MAYBE] | self.kinds[STAR] | self.kinds[FOLDERS]
        self.conditional = any(self.kinds[kind] for kind in (START, END, WORD, NOT_WORD))
        self.places: dict[Ranges, list[int]] = {}
        for at, step in enumerate(steps):
            self.places.setdefault(step.ranges, []).append(at)
        self.room = MEMORY // (len(steps) + 100)
        self.takes: dict[str, int] = {}
        self.moves: dict[tuple[int, int, str], tuple[int, int]] = {}

    def _mask(self, kind: str) -> int:
        return _bits([at for at, step in enumerate(self.steps) if step.kind == kind])

    def _takes(self, char: str) -> int:
        """The steps that take this character."""
        mask = self.takes.get(char)
        if mask is None:
            if len(self.takes) >= self.room:
                self.takes.clear()
            code = ord(char)
            taking = [at for ranges, places in self.places.items() if holds(ranges, code) for at in places]
            mask = self.takes[char] = _bits(taking)
        return mask

    def _spread(self, at: int, before: str, after: str) -> int:
        """Add the positions that are reached without a character, between `before` and `after`."""
        skippable = self.free
        if self.conditional:
            edge = _is_word(before) != _is_word(after)
            skippable |= self.kinds[START] if not before else 0
            skippable |= self.kinds[END] if not after else 0
            skippable |= self.kinds[WORD] if edge else self.kinds[NOT_WORD]
        # The carry of the addition runs through each block of skippable steps in one go.
        return at | (((at & skippable) + skippable) ^ skippable)

    def _move(self, at: int, inside: int, char: str) -> tuple[int, int]:
        """The set after `char`; `at` is spread already."""
        taking = at & self._takes(char)
        folders = (at | inside) & self.kinds[FOLDERS]
        after = (taking & self.single) << 1 | taking & self.kinds[STAR]
        if char == "/":
            after |= folders << 1
        return after, folders if char != "\n" else 0

    def match(self, path: str) -> bool:
        """Whether the whole path goes through all steps."""
        if self.conditional:
            return self._match_conditional(path)
        at, inside = self._spread(1, "", ""), 0
        moves = self.moves
        for char in path:
            key = (at, inside, char)
            known = moves.get(key)
            if known is None:
                if len(moves) >= self.room:
                    moves.clear()
                at, inside = self._move(at, inside, char)
                known = moves[key] = self._spread(at, char, char), inside
            at, inside = known
            if not at and not inside:
                return False
        return bool(at & self.done)

    def _match_conditional(self, path: str) -> bool:
        at, inside, before = 1, 0, ""
        for char in path:
            at, inside = self._move(self._spread(at, before, char), inside, char)
            before = char
            if not at and not inside:
                return False
        return bool(self._spread(at, before, "") & self.done)


def _bits(places: list[int]) -> int:
    """The integer that has these bits, made without shifting it once per bit."""
    data = bytearray(max(places, default=0) // 8 + 1)
    for at in places:
        data[at >> 3] |= 1 << (at & 7)
    return int.from_bytes(data, "little")


def _is_word(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == "_") if char else False
