"""What each line of an ignore file does to the files of one context.

The walk tells which line decides; here every line is compared with every entry, so that lines which the
walk passes over, and lines that speak about nothing, show too.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property

from dfguard.context.entry import ContextFile
from dfguard.context.ignore import IgnorePattern
from dfguard.context.tree import BuildContext
from dfguard.context.walk import FEW, Walk

_WILD = frozenset("*?[\\")
MAX_COMPARISONS = 10_000_000


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

    def may_match_unseen(self, pattern: IgnorePattern) -> bool:
        """Whether the line may match something in a folder that is not entered."""
        start = fixed_part(pattern.text)
        if not start:
            return bool(self.pruned)
        return any(f"{start}/".startswith(f"{folder}/") or folder.startswith(f"{start}/") for folder in self.pruned)

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
