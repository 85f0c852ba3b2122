"""`set -e`, `set -o pipefail`, `set -u`, `set -x`: what is switched on where a command runs.

POSIX.1-2024, Shell Command Language, 2.15 (set); bash(1), Invocation. Options that nothing here asks for
are read over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.struct import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class ShellState(Struct):
    """Options of the shell that runs a command; each is None where a branch or a variable decides.

    `errexit` (-e): a command that fails ends the script, unless something tests it. `pipefail`: a
    pipeline fails when any part of it does. `nounset` (-u), `xtrace` (-x).
    """

    errexit: bool | None = False
    pipefail: bool | None = False
    nounset: bool | None = False
    xtrace: bool | None = False


OFF = ShellState()
_UNKNOWN = ShellState(None, None, None, None)
_LETTERS = {"e": "errexit", "u": "nounset", "x": "xtrace"}
_NAMES = frozenset(ShellState._fields)
_VALUED = ("--init-file", "--rcfile")


def switched(state: ShellState, words: Sequence[str | None]) -> ShellState:
    """The state behind the words of `set`, or of a shell that is called with them (None: not known).

    Words from the first one on that is no option are left alone.
    """
    changes: dict[str, bool] = {}
    for name, on in _switches(words):
        if name is None:
            return _UNKNOWN
        changes[name] = on
    return state.but(**changes) if changes else state


def behind_command(state: ShellState, program: str, words: Sequence[str | None]) -> ShellState:
    """The state behind a command with the values of its arguments: `set` and `shopt -o` change it."""
    if program == "set":
        return switched(state, words)
    if program != "shopt":
        return state
    given = "".join(word[1:] for word in words if word and word.startswith("-"))
    if "o" not in given or not set(given) & set("su"):
        return state
    return state.but(**{word: "s" in given for word in words if word in _NAMES})


def either(before: ShellState, behind: ShellState) -> ShellState:
    """The state where it is not known whether a change happened."""
    if before == behind:
        return before
    pairs = ((name, getattr(before, name), getattr(behind, name)) for name in ShellState._fields)
    return ShellState(**{name: old if old == new else None for name, old, new in pairs})


def _switches(words: Sequence[str | None]) -> Iterator[tuple[str | None, bool]]:
    """Each option that is switched, and whether on; a name of None for a word that is not known."""
    rest = iter(words)
    for word in rest:
        if word is None:
            yield None, True
            return
        if word in ("", "-", "--") or word[0] not in "-+":
            return
        if word.startswith("--"):
            if word in _VALUED:
                next(rest, None)
            continue
        for letter in word[1:]:
            if letter in _LETTERS:
                yield _LETTERS[letter], word[0] == "-"
            elif letter in "oO":
                name = next(rest, "")
                if name is None or (letter == "o" and name in _NAMES):
                    yield name, word[0] == "-"
