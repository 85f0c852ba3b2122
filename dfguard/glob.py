"""Globs over paths, in time that no pattern can blow up.

`fnmatch` compares one name in linear time since Python 3.9 (bpo-40480); names are compared one by
one, and `**` goes back only to the last `**`.
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase


def matches_path(parts: Sequence[str], pattern: str) -> bool:
    """Whether a glob matches the path of these names, or a folder above it.

    A glob without `/` (one at its end aside) matches a name at any depth; any other starts at the
    first name. `*`, `?` and `[...]` stay within a name, `**` stands for any number of names.
    """
    names = [name for name in pattern.split("/") if name not in ("", ".")]
    if not names:
        return False
    if "/" not in pattern.rstrip("/"):
        return any(fnmatchcase(part, names[0]) for part in parts)
    return _matches(parts, names)


def _matches(parts: Sequence[str], names: Sequence[str]) -> bool:
    """Whether the names match some beginning of the parts."""
    at = name = 0
    retry: tuple[int, int] | None = None
    while name < len(names):
        if names[name] == "**":
            name += 1
            retry = (at, name)
            continue
        if at < len(parts) and fnmatchcase(parts[at], names[name]):
            at, name = at + 1, name + 1
        elif retry is not None and retry[0] < len(parts):
            retry = (retry[0] + 1, retry[1])
            at, name = retry
        else:
            return False
    return names[-1] != "**" or at < len(parts)
