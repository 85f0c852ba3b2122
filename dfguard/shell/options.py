"""How a word that begins with `-` falls into options, given which of them take a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container


def split_options(text: str, valued: Container[str]) -> list[tuple[str, int | None, bool]]:
    """The options in one word: name, where the value begins in the word (None without one), and
    whether the next word is the value.

    `--name=value`, `--name`, and clusters of short options (`-qqy`, `-ofile`, `-o=file`); `valued`
    holds the options that take a value.
    """
    if text.startswith("--"):
        name, equals, _ = text.partition("=")
        return [(name, len(name) + 1 if equals else None, not equals and name in valued)]
    found: list[tuple[str, int | None, bool]] = []
    for index in range(1, len(text)):
        name = "-" + text[index]
        behind = index + 2 if text[index + 1 : index + 2] == "=" else index + 1
        if name in valued:
            attached = behind < len(text)
            return [*found, (name, behind if attached else None, not attached)]
        if behind == index + 2:
            return [*found, (name, behind, False)]
        found.append((name, None, False))
    return found
