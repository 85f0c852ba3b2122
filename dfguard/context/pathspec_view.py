"""Ignore files as pathspec sees them: which lines speak about a path, and the answer of the last one.

pathspec knows git's patterns; `MobyPattern` adds those of ignore files under the name
`dockerignore`. Importing this costs 15 ms, so `dfguard check` does not; evidence and `why` do.
"""

from __future__ import annotations

import re

from pathspec import PathSpec, RegexPattern
from pathspec.pattern import RegexMatchResult
from pathspec.util import register_pattern

from dfguard.context.ignore import IgnoreFile, IgnorePattern, clean, parse_ignore
from dfguard.context.pattern import MalformedPattern, python_expression
from dfguard.context.walk import TOP, Walk
from dfguard.source import Source
from dfguard.struct import Struct


class Explanation(Struct):
    """What an ignore file says of one path.

    `dropped` and `deciding` are the walk's answer, `pruned_by` is the folder that was not entered,
    if any. `matching` are all lines that match the path or a folder above it, `skipped` those of
    them that the walk did not count: it never compared them where they match.
    """

    path: str
    dropped: bool
    deciding: IgnorePattern | None
    pruned_by: str | None
    matching: tuple[IgnorePattern, ...]
    skipped: tuple[IgnorePattern, ...]


class MobyPattern(RegexPattern):
    """One line of an ignore file for pathspec: matches what it names and all that lies below.

    `include` is true when the line drops files, false for a `!` line, None for a comment. A pattern
    with a `fault` matches nothing. Raises MalformedPattern for a line that ends every build.
    """

    __slots__ = ("ignore_pattern",)

    def __init__(self, pattern: str | IgnorePattern, include: bool | None = None) -> None:
        line = _one_pattern(pattern) if isinstance(pattern, str) else pattern
        self.ignore_pattern = line
        if line is None:
            super().__init__(None)
        else:
            expression = rf"\A{python_expression(line.text)}(?:/|\Z)"
            super().__init__(re.compile(expression), not line.negated)
        self.pattern = pattern if isinstance(pattern, str) else pattern.span.text

    def __copy__(self) -> MobyPattern:
        return MobyPattern(self.ignore_pattern or str(self.pattern))

    def match_file(self, file: str) -> RegexMatchResult | None:
        """Whether the line matches the path or a folder above it, without backtracking."""
        line = self.ignore_pattern
        if line is None or line.fault:
            return None
        path = clean(file)
        ends = [at for at, char in enumerate(path) if char == "/"]
        found = any(line.matches(path[:end]) for end in (*ends, len(path)))
        return RegexMatchResult(None) if found else None  # type: ignore[arg-type]


def _one_pattern(line: str) -> IgnorePattern | None:
    ignore = parse_ignore(Source("", line))
    if ignore.error is not None:
        raise MalformedPattern(line, ignore.error.message)
    return ignore.patterns[0] if ignore.patterns else None


register_pattern("dockerignore", MobyPattern, override=True)


def to_pathspec(ignore: IgnoreFile) -> PathSpec[MobyPattern]:
    """All patterns of an ignore file, in order; an index in it is an index in `ignore.patterns`."""
    return PathSpec([MobyPattern(pattern) for pattern in ignore.patterns], backend="simple")


def explain(ignore: IgnoreFile, path: str) -> Explanation:
    """See `IgnoreFile.explain`."""
    path = clean("/" + path)[1:]
    walk = Walk(ignore)
    here, verdict = path, TOP
    for here, verdict in walk.along(path):  # noqa: B007 the last one is wanted
        pass
    dropped, _, hits = verdict
    found = [line.ignore_pattern for line in to_pathspec(ignore).patterns if line.match_file(path) is not None]
    speaking = tuple(pattern for pattern in found if pattern is not None)
    skipped = tuple(pattern for pattern in speaking if pattern.index not in hits)
    return Explanation(path, dropped, walk.pattern(verdict), here if here != path else None, speaking, skipped)
