"""Pipelines of a script: their parts, and what becomes of their exit status.

POSIX.1-2024, Shell Command Language, 2.9.2: the exit status of a pipeline is that of its last command,
unless `set -o pipefail` is in force.
"""

from __future__ import annotations

from dfguard.regex import regex
from dfguard.shell.commands import Command
from dfguard.shell.script import Script
from dfguard.source import Span
from dfguard.struct import Struct

_ASKS = regex(r"(?:(?<![\w./-])(?:if|elif|while|until)|(?<![^\s;&|(])!)[\s\\(]*\Z")
_OR = regex(r"(?:[\s\\;)}]|(?:done|fi|esac)\b)*\|\|")
_SUBSTITUTES = regex(r"[$<>]\([\s\\]*\Z")
_NEAR = 200  # characters around a pipeline in which its operators stand


class Pipeline(Struct):
    """Commands joined by `|`; each of `parts` holds the commands of one side, several for `{ a; b; }`."""

    parts: tuple[tuple[Command, ...], ...]

    @property
    def left(self) -> tuple[Command, ...]:
        """All commands whose exit status the shell drops, unless pipefail is set."""
        return tuple(command for part in self.parts[:-1] for command in part)

    @property
    def right(self) -> tuple[Command, ...]:
        """The commands of the last part."""
        return self.parts[-1]

    @property
    def span(self) -> Span:
        """From the first command to the last argument."""
        return self.parts[0][0].span.to(self.right[-1].span)


def pipelines(script: Script) -> tuple[Pipeline, ...]:
    """The pipelines of a script that have at least two parts, in order."""
    groups: dict[int, list[list[Command]]] = {}
    for command in script.commands:
        parts = groups.setdefault(command.pipeline, [])
        if command.operator == "|" or not parts:
            parts.append([])
        parts[-1].append(command)
    return tuple(Pipeline(tuple(map(tuple, parts))) for parts in groups.values() if len(parts) > 1)


def status_counts(script: Script, pipeline: Pipeline) -> bool:
    """Whether a failure of the pipeline would be one of the script.

    It is not in the condition of an `if` or a loop, left of `||`, behind `!`, and in a substitution that
    is an argument; an assignment such as `V=$(a | b)` passes it on.
    """
    first, last = pipeline.parts[0][0], pipeline.right[-1]
    start = (first.statement or first.span).start
    end = (last.statement or last.span).end
    text = script.span.source.text
    before = text[max(script.span.start, start - _NEAR) : start]
    if _ASKS.search(before) or _OR.match(text[end : end + _NEAR]):
        return False
    outer = _around(script, pipeline) if first.depth else None
    if outer is not None:
        return not outer.program and bool(outer.assignments) and not outer.arguments
    return not _SUBSTITUTES.search(before)


def _around(script: Script, pipeline: Pipeline) -> Command | None:
    """The command that the pipeline is a substitution in."""
    own = {command.span for part in pipeline.parts for command in part}
    holders = (
        command
        for command in script.commands
        if command.statement and command.statement.contains(pipeline.span) and command.span not in own
    )
    return min(holders, key=lambda command: command.span.end - command.span.start, default=None)
