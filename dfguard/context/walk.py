"""BuildKit's walk over a build context: what is sent, and which pattern decides.

https://github.com/tonistiigi/fsutil/blob/master/filter.go with `MatchesUsingParentResults` of
patternmatcher. Not "the last matching line wins": a pattern that could not change the answer on a
folder is not compared with it, and then does not count as a match of the parent for what lies
below. So `*`, `!**/*.js`, `node_modules` ships node_modules/a/b.js: at the folder line 1 had matched
already, so line 3 was skipped there. It arrives empty, though: see `Walk.opens`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator

from dfguard.context.automaton import Match
from dfguard.context.ignore import IgnoreFile, IgnorePattern
from dfguard.context.index import PatternIndex
from dfguard.context.pattern import Compiled, compile_pattern

_GLOB = frozenset("*[]?^\\")
MAX_COMPARISONS = 20_000_000  # of paths with single patterns, in one walk: about a minute
FEW = 40  # so many patterns are compared one by one sooner than looked up

# What the walk says of a path: whether it is dropped; the index of the deciding pattern, -1 when none
# speaks; the indices of all patterns that count as matched here and in everything below, in order.
Verdict = tuple[bool, int, tuple[int, ...]]

TOP: Verdict = (False, -1, ())

Candidate = tuple[int, Match | None]  # a pattern's index; None for one that a parent has matched


class TooManyComparisons(Exception):
    """So many paths would have to be compared with so many patterns that the walk takes no sensible time."""


class Walk:
    """The patterns of one ignore file, ready to be asked folder by folder."""

    def __init__(self, ignore: IgnoreFile, *, every: bool = False) -> None:
        self.patterns: tuple[IgnorePattern, ...] = ignore.patterns
        self.negated = [pattern.negated for pattern in ignore.patterns]
        counting = ignore.patterns if every else _first_of_each_run(ignore.patterns)
        self.compiled = [(p.index, compile_pattern(p.text)) for p in counting]
        self.index = PatternIndex(self.compiled)
        exceptions = [without_glob(pattern.text) for pattern in ignore.patterns if pattern.negated]
        self.prunes = not any(map(has_glob, exceptions))
        self.exceptions = sorted({text + "/" for text in exceptions})
        self.left = MAX_COMPARISONS
        self.muted = -1  # the number of a pattern that does not count, as if it were not there

    def judge_in(self, folder: str, hits: tuple[int, ...]) -> Callable[[str], Verdict]:
        """What gives the verdict on the path of each entry of a folder, whose own verdict has these `hits`.

        It raises MalformedPattern when the walk gets to a malformed pattern, and TooManyComparisons.
        """
        level = Level(self, folder, hits)
        return level.quick() if len(self.compiled) <= FEW else level.judge

    def misses(self, folder: str, hits: tuple[int, ...], path: str, verdict: Verdict) -> bool:
        """Whether a pattern matches `path`, a folder in `folder`, and does not count, as it was not compared."""
        matching = self.index.matching(folder, path.rpartition("/")[2], path)
        return not set(verdict[2]).issuperset(matching)

    def opens(self, path: str) -> bool:
        """Whether the builder opens a file to send its content: here the last line that matches decides after all.

        https://github.com/tonistiigi/fsutil/blob/master/filter.go, Open, which asks `MatchesOrParentMatches`;
        what it may not open is sent without content (send.go, sendFile).
        """
        matching = {
            number for here, name, folder in _upwards(path) for number in self.index.matching(folder, name, here)
        }
        dropped = False
        for number in sorted(matching.union(self.index.faulty)):
            if self.negated[number] == dropped:
                if number in self.index.faulty:
                    return False
                dropped = not dropped
        return not dropped

    def prunes_below(self, path: str) -> bool:
        """Whether a dropped folder is not entered: every `!` pattern is plain and none lies in it."""
        return self.prunes and not self.has_exception_in(path)

    def has_exception_in(self, path: str) -> bool:
        """Whether a `!` pattern, cut as the pruning cuts it, is this folder or lies in it."""
        at = bisect_left(self.exceptions, path + "/")
        return at < len(self.exceptions) and self.exceptions[at].startswith(path + "/")

    def pattern(self, verdict: Verdict) -> IgnorePattern | None:
        """The deciding pattern."""
        return self.patterns[verdict[1]] if verdict[1] >= 0 else None

    def along(self, path: str) -> Iterator[tuple[str, Verdict]]:
        """Each folder on the way to `path`, and `path`, with its verdict; ends at a pruned folder."""
        verdict, parent = TOP, ""
        end = path.find("/")
        while True:
            here = path if end < 0 else path[:end]
            verdict = Level(self, parent, verdict[2]).judge(here)
            yield here, verdict
            if end < 0 or (verdict[0] and self.prunes_below(here)):
                return
            parent, end = here, path.find("/", end + 1)


def _first_of_each_run(patterns: Iterable[IgnorePattern]) -> Iterator[IgnorePattern]:
    """The patterns without those that can't count: an earlier one is the same, with none of the other kind between."""
    seen: set[str] = set()
    negated = False
    for pattern in patterns:
        if pattern.negated != negated:
            seen.clear()
            negated = pattern.negated
        if pattern.text not in seen:
            seen.add(pattern.text)
            yield pattern


def _upwards(path: str) -> Iterator[tuple[str, str, str]]:
    """A path and the folders above it, each with its name and the folder that it lies in."""
    while path:
        folder, _, name = path.rpartition("/")
        yield path, name, folder
        path = folder


class Level:
    """The patterns that can speak about the entries of one folder.

    `always` are those that a parent has matched (with None), and those that have to be compared one by one.
    """

    __slots__ = ("always", "cut", "folder", "walk")

    def __init__(self, walk: Walk, folder: str, hits: tuple[int, ...]) -> None:
        self.walk = walk
        self.folder = folder
        self.cut = len(folder) + 1 if folder else 0
        self.always: list[Candidate] = [(number, None) for number in hits]
        if walk.index.others:
            known = {*hits, walk.muted}
            others = ((n, c.match) for n, c in walk.index.others if n not in known and self.concerns(c))
            self.always = sorted((*self.always, *others), key=_number)

    def concerns(self, compiled: Compiled) -> bool:
        """Whether a pattern can match something in this folder."""
        depth = self.folder.count("/") + 2 if self.folder else 1
        return compiled.depth in (None, depth) and compiled.folder in (None, self.folder)

    def quick(self) -> Callable[[str], Verdict]:
        """As `judge`, for few patterns: most entries match none of them, and that is told by how they end."""
        here = [compiled for _, compiled in self.walk.compiled if self.concerns(compiled)]
        if any(compiled.fault for compiled in here):
            return self.judge
        usual = self.decide([candidate for candidate in self.always if candidate[1] is None], self.folder)
        tails = tuple(compiled.tail for compiled in here if compiled.tail)
        tests = [compiled.match for compiled in here if not compiled.tail]

        def verdict(path: str) -> Verdict:
            if path.endswith(tails):
                return self.judge(path)
            for test in tests:
                if test(path):
                    return self.judge(path)
            return usual

        return verdict if here else lambda path: usual

    def judge(self, path: str) -> Verdict:
        """The verdict on an entry of the folder; see `Walk.judge_in`."""
        found = self.walk.index.looked_up(self.folder, path[self.cut :], path)
        if self.walk.muted in found:
            found = [number for number in found if number != self.walk.muted]
        if found:
            return self.decide(self._with(found), path)
        return self.decide(self.always, path) if self.always else TOP

    def _with(self, found: list[int]) -> list[Candidate]:
        if not self.always:
            return [(number, _found) for number in sorted(found)]
        known = {number for number, _ in self.always}
        new = ((number, _found) for number in found if number not in known)
        return sorted((*self.always, *new), key=_number)

    def decide(self, candidates: list[Candidate], path: str) -> Verdict:
        """The verdict of these patterns, in their order."""
        walk = self.walk
        walk.left -= len(candidates)
        if walk.left < 0:
            raise TooManyComparisons
        negated = walk.negated
        dropped, decider = False, -1
        hits: list[int] = []
        for number, match in candidates:
            if match is None or (negated[number] == dropped and match(path)):
                dropped = not negated[number]
                decider = number
                hits.append(number)
        return dropped, decider, tuple(hits)


def _found(path: str) -> bool:
    """The match of a pattern that was looked up."""
    return True


def _number(candidate: Candidate) -> int:
    return candidate[0]


def has_glob(text: str) -> bool:
    """Whether the builder takes a text as one with wildcards."""
    return not _GLOB.isdisjoint(text)


def without_glob(text: str) -> str:
    """An exception as the pruning looks at it: a star or two at its end count for nothing."""
    return text.removesuffix("/**").removesuffix("/*")
