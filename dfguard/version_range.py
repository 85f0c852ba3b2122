"""Which versions of dfguard a configuration is for (`required-version`)."""

from __future__ import annotations

import re
from collections.abc import Callable

from dfguard import __version__
from dfguard.regex import regex
from dfguard.struct import Struct

_CLAUSE = regex(r"\s*(==|!=|>=|<=|~=|>|<|)\s*(\d{1,9}(?:\.\d{1,9}){0,7})\s*\Z")
_Release = tuple[int, ...]
_HOLDS: dict[str, Callable[[_Release, _Release], bool]] = {
    "": lambda ours, theirs: ours == theirs,
    "==": lambda ours, theirs: ours == theirs,
    "!=": lambda ours, theirs: ours != theirs,
    ">=": lambda ours, theirs: ours >= theirs,
    "<=": lambda ours, theirs: ours <= theirs,
    ">": lambda ours, theirs: ours > theirs,
    "<": lambda ours, theirs: ours < theirs,
}


class VersionRange(Struct):
    """Conditions of which all must hold: `>=1.2, <2`, `~=1.4`, `1.2.3`; `this` is the version of this program."""

    text: str
    clauses: tuple[tuple[str, _Release], ...]
    this: str = __version__

    def has_this(self) -> bool:
        """Whether this program's version is one of them."""
        return all(self._holds(operator, release) for operator, release in self.clauses)

    def _holds(self, operator: str, release: _Release) -> bool:
        ours = tuple(int(part) for part in re.findall(r"\d+", self.this)[:8])
        if operator == "~=":  # PEP 440: at least this, and all but the last number alike
            return _padded(ours) >= _padded(release) and ours[: len(release) - 1] == release[:-1]
        return _HOLDS[operator](_padded(ours), _padded(release))


def version_range(text: str) -> VersionRange | None:
    """Read conditions; None for what is none."""
    found = [_CLAUSE.match(clause) for clause in text.split(",")]
    clauses = tuple((match[1], tuple(map(int, match[2].split(".")))) for match in found if match)
    wrong = len(clauses) < len(found) or any(operator == "~=" and len(release) < 2 for operator, release in clauses)
    return None if wrong else VersionRange(text, clauses)


def _padded(release: _Release) -> _Release:
    return (*release, *(0,) * 8)[:8]
