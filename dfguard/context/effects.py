"""What each line of an ignore file does to the files of one context.

The walk tells which line decides; here every line is compared with every entry, so that lines which the
walk passes over, and lines that speak about nothing, show too.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from functools import cached_property

from dfguard.context.entry import ContextFile
from dfguard.context.ignore import IgnorePattern
from dfguard.context.pattern import MalformedPattern
from dfguard.context.tree import BuildContext
from dfguard.context.walk import FEW, TOP, TooManyComparisons, Verdict, Walk, has_glob, without_glob

_WILD = frozenset("*?[\\")
MAX_COMPARISONS = 10_000_000
MAX_LINES = 1_000  # so many lines are walked again without one of them, each in its turn


class LineEffect:
    """One line: `matches` are the entries that it matches by themselves, `decides` counts those it decides.

    `overruled` counts the others by the index of the line that decides them, -1 for none. `shown` are the
    kept files that the line would drop, were it not passed over on a folder above them; `lost` the dropped
    ones that an exception would keep.
    """

    __slots__ = ("decides", "lost", "matches", "overruled", "pattern", "shown")

    def __init__(self, pattern: IgnorePattern) -> None:
        self.pattern = pattern
        self.matches: list[ContextFile] = []
        self.decides = 0
        self.overruled: Counter[int] = Counter()
        self.shown: list[ContextFile] = []
        self.lost: list[ContextFile] = []


class IgnoreEffects:
    """The effects of all lines of a context's ignore file.

    `known` is false when the context was not looked at in full, so that nothing can be said of what is
    absent.
    """

    def __init__(self, context: BuildContext) -> None:
        self.context = context
        self.patterns = context.ignore.patterns
        self.walk = Walk(context.ignore)
        size = len(context.files) + len(context.dropped)
        others = len(self.walk.index.others) if len(self.walk.compiled) > FEW else 0
        self.known = not context.errors and size * others <= MAX_COMPARISONS

    @cached_property
    def lines(self) -> tuple[LineEffect, ...]:
        """One for each pattern; all empty when the context is not known."""
        effects = tuple(LineEffect(pattern) for pattern in self.patterns)
        if self.known:
            last: dict[str, int] = {"": -1}  # the last line that speaks about a path or a folder above it
            for entry in sorted((*self.context.files, *self.context.dropped), key=lambda entry: entry.path):
                folder, _, name = entry.path.rpartition("/")
                matching = self.walk.index.matching(folder, name, entry.path)
                self._note(effects, entry, matching)
                here = max(last[folder], matching[-1] if matching else -1)
                last[entry.path] = here
                if entry.kind != "dir" and here >= 0 and entry.kept != self.patterns[here].negated:
                    (effects[here].shown if entry.kept else effects[here].lost).append(entry)
        return effects

    def _note(self, effects: tuple[LineEffect, ...], entry: ContextFile, matching: list[int]) -> None:
        decider = entry.pattern.index if entry.pattern is not None else -1
        for number in matching:
            effects[number].matches.append(entry)
            if number == decider:
                effects[number].decides += 1
            else:
                effects[number].overruled[decider] += 1

    def of(self, pattern: IgnorePattern) -> LineEffect:
        """The effect of one line."""
        return self.lines[pattern.index]

    @cached_property
    def pruned(self) -> tuple[str, ...]:
        """The folders that are not entered, whose content is not known."""
        return tuple(entry.path for entry in self.context.dropped if entry.pruned)

    @cached_property
    def _pruned_set(self) -> frozenset[str]:
        return frozenset(self.pruned)

    def may_match_unseen(self, pattern: IgnorePattern) -> bool:
        """Whether the line may match something in a folder that is not entered."""
        start = fixed_part(pattern.text)
        if not start:
            return bool(self.pruned)
        at = bisect_left(self.pruned, start + "/")
        return self._in_pruned(start) or (at < len(self.pruned) and self.pruned[at].startswith(start + "/"))

    def is_below_pruned(self, pattern: IgnorePattern) -> bool:
        """Whether all that a line can match lies in a folder that is not entered."""
        start = fixed_part(pattern.text)
        return self._in_pruned(start if start != pattern.text else start.rpartition("/")[0])

    def _in_pruned(self, path: str) -> bool:
        """Whether a path is a folder that is not entered, or lies in one."""
        while path and path not in self._pruned_set:
            path = path.rpartition("/")[0]
        return bool(path)

    def other_case(self, pattern: IgnorePattern) -> ContextFile | None:
        """The entry that a line would name if the case of letters did not count."""
        return self._folded.get(pattern.text.casefold())

    @cached_property
    def _folded(self) -> dict[str, ContextFile]:
        return {entry.path.casefold(): entry for entry in (*self.context.dropped, *self.context.files)}

    def without(self, pattern: IgnorePattern) -> tuple[IgnorePattern, ...] | None:
        """The lines that drop what an exclusion drops when it is taken away, None when that changes the walk.

        Only what the line matches, and what lies below that, can change: these are judged again. None, too,
        when one of them is kept, when there are more than MAX_LINES lines, and when those before took all the
        comparisons of a walk.
        """
        affected = self._affected(pattern) if self.known and len(self.patterns) <= MAX_LINES else None
        if affected is None:
            return None
        walk = self._muted
        walk.muted = pattern.index
        verdicts: dict[str, Verdict] = {"": TOP}
        deciders: set[int] = set()
        try:
            for path in affected:
                verdict = _verdict(walk, path, verdicts)
                if not verdict[0]:
                    return None
                deciders.add(verdict[1])
        except (MalformedPattern, TooManyComparisons):
            return None
        return tuple(self.patterns[number] for number in sorted(deciders))

    @cached_property
    def _muted(self) -> Walk:
        """A walk of all lines, those that say the same again too: each of them stands in for the first."""
        return Walk(self.context.ignore, every=True)

    def _affected(self, pattern: IgnorePattern) -> list[str] | None:
        """The paths that a line matches and those below them, None when one of them is kept."""
        matches = self.of(pattern).matches
        if any(entry.kept for entry in matches):
            return None
        paths = {entry.path for entry in matches}
        for folder in [entry.path for entry in matches if entry.kind == "dir" and not entry.pruned]:
            if self.context.below(folder):
                return None
            first = bisect_left(self._dropped, folder + "/")
            paths.update(self._dropped[first : bisect_left(self._dropped, folder + "0")])
        return sorted(paths)

    @cached_property
    def _dropped(self) -> list[str]:
        return [entry.path for entry in self.context.dropped]

    def makes_walk(self, pattern: IgnorePattern) -> bool:
        """Whether a line is an exception with a wildcard that makes the builder enter dropped folders."""
        return pattern.negated and has_glob(without_glob(pattern.text))

    @cached_property
    def walked(self) -> dict[str, int]:
        """The topmost folders that are dropped whole and walked for an exception's wildcards only, with their files."""
        found: dict[str, int] = {}
        tops: dict[str, str] = {}
        wanted = {fixed_part(pattern.text) for pattern in self.patterns if pattern.negated}
        for entry in self.context.dropped if self.known and not self.walk.prunes else ():
            top = tops.get(entry.path.rpartition("/")[0])
            if top is None and entry.kind == "dir" and not self._is_named(entry.path, wanted):
                top = entry.path
                found[top] = 0
            if top is not None and entry.kind == "dir":
                tops[entry.path] = top
            elif top is not None:
                found[top] += 1
        return found

    def _is_named(self, path: str, starts: set[str]) -> bool:
        """Whether an exception that starts with one of these folders is about this folder by its name."""
        if self.walk.has_exception_in(path):
            return True
        while path and path not in starts:
            path = path.rpartition("/")[0]
        return bool(path)

    @cached_property
    def deeper(self) -> dict[int, list[ContextFile]]:
        """For lines without a slash: the topmost kept entries below the root that have such a name."""
        bare = {pattern.index: pattern for pattern in self.patterns if is_bare(pattern)}
        found: dict[int, list[ContextFile]] = {}
        names: dict[str, list[int]] = {}
        inside: dict[int, str] = {}
        for entry in self.context.files if bare and self.known else ():
            if "/" not in entry.path:
                continue
            name = entry.name
            if name not in names:
                names[name] = [n for n in self.walk.index.matching("", name, name) if n in bare]
            for number in names[name]:
                if not entry.path.startswith(inside.get(number, "\0")):
                    found.setdefault(number, []).append(entry)
                    inside[number] = entry.path + "/"
        return found


def _verdict(walk: Walk, path: str, verdicts: dict[str, Verdict]) -> Verdict:
    """The verdict on a path; those on it and the folders above it are kept in `verdicts`, where the root is."""
    missing = []
    while path not in verdicts:
        missing.append(path)
        path = path.rpartition("/")[0]
    for here in reversed(missing):
        verdicts[here] = walk.judge_in(path, verdicts[path][2])(here)
        path = here
    return verdicts[path]


def is_bare(pattern: IgnorePattern) -> bool:
    """Whether a line drops a name in the root only: it has no slash, and no `**` that reaches below."""
    return not pattern.negated and "/" not in pattern.text and "**" not in pattern.text and not pattern.fault


def fixed_part(text: str) -> str:
    """The folders of a pattern up to its first wildcard."""
    parts: list[str] = []
    for part in text.split("/"):
        if _WILD.intersection(part):
            break
        parts.append(part)
    return "/".join(parts)
