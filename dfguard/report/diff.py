"""Changes of texts as a unified diff."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dfguard.regex import regex

_ENDS = regex(r"(?<=\n)")


def unified(texts: Iterable[tuple[str, str, str]], *, around: int = 3) -> Iterator[str]:
    """The lines of the diff, with their ends; `texts` are (path, old text, new text), as they may be shown.

    `around` is how many unchanged lines stand around a change.
    """
    from difflib import unified_diff

    for path, old, new in texts:
        before, after = ([line for line in _ENDS.split(text) if line] for text in (old, new))  # lines end at `\n` only
        name = path.lstrip("/")
        for line in unified_diff(before, after, f"a/{name}", f"b/{name}", n=around):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
