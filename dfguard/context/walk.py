"""BuildKit's walk over a build context: what is sent, and which pattern decides.

https://github.com/tonistiigi/fsutil/blob/master/filter.go with `MatchesUsingParentResults` of
patternmatcher. Not "the last matching line wins": a pattern that could not change the answer on a
folder is not compared with it, and then does not count as a match of the parent for what lies
below. So `*`, `!**/*.js`, `node_modules` ships node_modules/a/b.js: at the folder line 1 had matched
already, so line 3 was skipped there. It arrives empty, though: see `Walk.opens`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dfguard.context.ignore import IgnoreFile, IgnorePattern
from dfguard.context.pattern import Compiled, compile_pattern

_GLOB = frozenset("*[]?^\\")

Candidate = tuple[int, bool, Compiled | None]  # index, negated, None for a pattern that a parent has matched


# What the walk says of a path: whether it is dropped; the index of the deciding pattern, -1 when none
# speaks; a bit for each pattern that counts as matched here and in everything below.
Verdict = tuple[bool, int, int]

TOP: Verdict = (False, -1, 0)


class Walk:
    """The patterns of one ignore file, ready to be asked folder by folder."""

    def __init__(self, ignore: IgnoreFile) -> None:
        self.patterns: tuple[IgnorePattern, ...] = ignore.patterns
        self.compiled = tuple(compile_pattern(pattern.text) for pattern in ignore.patterns)
        self.exceptions = tuple(_without_glob(pattern.text) for pattern in ignore.patterns if pattern.negated)
        self.prunes = not any(_GLOB.intersection(text) for text in self.exceptions)

    def candidates(self, folder: str, hits: int) -> tuple[Candidate, ...]:
        """The patterns that can speak about the entries of a folder ("" is the root), in order."""
        depth = folder.count("/") + 2 if folder else 1
        out: list[Candidate] = []
        for index, (pattern, compiled) in enumerate(zip(self.patterns, self.compiled, strict=True)):
            if hits >> index & 1:
                out.append((index, pattern.negated, None))
            elif compiled.depth in (None, depth) and compiled.folder in (None, folder):
                out.append((index, pattern.negated, compiled))
        return tuple(out)

    def judge_in(self, folder: str, hits: int) -> Callable[[str], Verdict]:
        """What gives the verdict on the path of each entry of a folder.

        Most entries match no pattern: their verdict is the same for all, and they are told by their end.
        """
        candidates = self.candidates(folder, hits)
        compared = [compiled for _, _, compiled in candidates if compiled is not None]
        if any(compiled.fault for compiled in compared) or "\n" in folder:
            return lambda path: judge(candidates, path)
        usual = judge(tuple(c for c in candidates if c[2] is None), folder)
        tails = tuple(compiled.tail for compiled in compared if compiled.tail)
        tests = [compiled.match for compiled in compared if not compiled.tail]

        def verdict(path: str) -> Verdict:
            if path.endswith(tails):
                return judge(candidates, path)
            for test in tests:
                if test(path):
                    return judge(candidates, path)
            return usual

        return verdict if compared else lambda path: usual

    def misses(self, folder: str, hits: int, path: str, verdict: Verdict) -> bool:
        """Whether a pattern matches `path`, a folder in `folder`, and does not count, as it was not compared."""
        return any(
            not verdict[2] >> index & 1 and compiled is not None and not compiled.fault and compiled.match(path)
            for index, _, compiled in self.candidates(folder, hits)
        )

    def opens(self, path: str) -> bool:
        """Whether the builder opens a file to send its content: here the last line that matches decides after all.

        https://github.com/tonistiigi/fsutil/blob/master/filter.go, Open, which asks `MatchesOrParentMatches`;
        what it may not open is sent without content (send.go, sendFile).
        """
        dropped = False
        ends = [at for at, char in enumerate(path) if char == "/"]
        for pattern, compiled in zip(self.patterns, self.compiled, strict=True):
            if pattern.negated == dropped:
                if compiled.fault:
                    return False
                if any(compiled.match(path[:end]) for end in (len(path), *ends)):
                    dropped = not pattern.negated
        return not dropped

    def prunes_below(self, path: str) -> bool:
        """Whether a dropped folder is not entered: every `!` pattern is plain and none lies in it."""
        return self.prunes and not any(f"{text}/".startswith(f"{path}/") for text in self.exceptions)

    def pattern(self, verdict: Verdict) -> IgnorePattern | None:
        """The deciding pattern."""
        return self.patterns[verdict[1]] if verdict[1] >= 0 else None

    def along(self, path: str) -> Iterator[tuple[str, Verdict]]:
        """Each folder on the way to `path`, and `path`, with its verdict; ends at a pruned folder."""
        verdict, parent = TOP, ""
        end = path.find("/")
        while True:
            here = path if end < 0 else path[:end]
            verdict = judge(self.candidates(parent, verdict[2]), here)
            yield here, verdict
            if end < 0 or (verdict[0] and self.prunes_below(here)):
                return
            parent, end = here, path.find("/", end + 1)


def judge(candidates: tuple[Candidate, ...], path: str) -> Verdict:
    """The verdict on one entry; raises MalformedPattern when the walk gets to a malformed pattern."""
    dropped, decider, hits = False, -1, 0
    for index, negated, compiled in candidates:
        if compiled is None or (negated == dropped and compiled.match(path)):
            dropped = not negated
            decider = index
            hits |= 1 << index
    return dropped, decider, hits


def _without_glob(text: str) -> str:
    return text.removesuffix("/**").removesuffix("/*")
