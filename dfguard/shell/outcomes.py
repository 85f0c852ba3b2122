"""Which commands of a script must have gone well when the script as a whole did.

POSIX.1-2024, Shell Command Language, 2.9.3 (lists) and 2.15 (set -e). Where the nesting is not plain, the answer
is no.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.regex import regex

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dfguard.shell.commands import Command

_CLOSES = regex(r"[)}]|\b(?:fi|done|esac)\b")
_OPENS = regex(r"(?:^|[\s;&|(])\{(?=\s)")
_WITHIN = 2**30


def required(commands: Sequence[Command]) -> list[bool]:
    """For each command: whether the script can only succeed when this command, if it runs, does too.

    `a && b && c` at the end of a script needs all three; `a; b` only b, unless `set -e` is on.
    """
    levels = nesting(commands)
    out = [False] * len(commands)
    broken = _WITHIN  # the outermost level at which a later link does not hand on a failure
    last = len(commands) - 1
    for at in range(last, -1, -1):
        command = commands[at]
        following = commands[at + 1] if at < last else None
        ends_list = following is None or (following.operator == ";" and levels[at + 1] <= levels[at])
        strict = command.state.errexit is True and ends_list and levels[at] == 0 and not command.wrappers
        kept = broken > levels[at] or strict
        in_pipe = following is not None and following.operator == "|" and following.pipeline == command.pipeline
        out[at] = kept and (not in_pipe or command.state.pipefail is True) and not _is_negated(command)
        if command.operator in (";", "||", "&") and at:
            broken = min(broken, link_level(commands[at - 1], command, levels[at - 1], levels[at]))
    return out


def nesting(commands: Sequence[Command]) -> list[int]:
    """How deep each command stands: subshells, loops and the like, and braces, which a Command does not count."""
    levels: list[int] = []
    braces = 0
    end = None
    for command in commands:
        if end is not None and command.span.start >= end:
            between = command.span.source.text[end : command.span.start] if command.span.start - end < 2000 else "{ "
            braces = max(0, braces + len(_OPENS.findall(between)) - between.count("}"))
        statement = command.statement or command.span
        end = statement.end
        levels.append(command.depth + braces)
    return levels


def link_level(before: Command, command: Command, above: int, level: int) -> int:
    """The level at which the operator in front of a command links it to what stands before."""
    if above != level:
        return min(above, level)
    start, end = (before.statement or before.span).end, command.span.start
    gap = command.span.source.text[start:end] if start <= end < start + 2000 else ")"
    return level - 1 if level and _CLOSES.search(gap) else level


def in_background(command: Command) -> bool:
    """Whether the shell does not wait for a command: `a &`."""
    statement = command.statement or command.span
    behind = statement.source.text[statement.end : statement.end + 200].lstrip(" \t\\\n")
    return behind.startswith("&") and not behind.startswith(("&&", "&>"))


def _is_negated(command: Command) -> bool:
    start = (command.statement or command.span).start
    return command.span.source.text[max(0, start - 3) : start].endswith(("! ", "!"))
