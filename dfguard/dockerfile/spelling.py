"""Did you mean: the nearest of some known names."""

from __future__ import annotations

from collections.abc import Iterable

_FAR = 3  # BuildKit's own limit: two edits


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name that differs from `word` by the fewest edits, case left aside; None when all differ too much.

    Two edits are allowed, and fewer than half of a short word.
    """
    best, distance = None, min(_FAR, len(word) // 2 + 1)
    for name in names:
        if abs(len(name) - len(word)) < distance:
            found = _edits(word.lower(), name.lower())
            if found < distance:
                best, distance = name, found
    return best


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """A clause for a message: `: did you mean COPY?`, or nothing when no name is near."""
    name = nearest(word, names)
    return f": did you mean {name}?" if name else ""


def _edits(left: str, right: str) -> int:
    """Levenshtein's distance."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        corner, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (a != b))
    return row[-1]
