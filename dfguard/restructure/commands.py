"""Commands taken out of a RUN."""

from __future__ import annotations

from dfguard.dockerfile.nodes import Dockerfile, Run
from dfguard.edit import Edit
from dfguard.regex import regex
from dfguard.rewrite import drop
from dfguard.shell.commands import Command
from dfguard.shell.script import Script
from dfguard.source import Span

_AND_BEHIND = regex(r"(?:[ \t]|\\\r?\n|`\r?\n)*&&(?:[ \t]|\\\r?\n|`\r?\n)*")
_AND_BEFORE = regex(r"(?:[ \t]|\\\r?\n|`\r?\n)*&&(?:[ \t]|\\\r?\n|`\r?\n)*\Z")


def without_command(dockerfile: Dockerfile, run: Run, script: Script, command: Command) -> Edit | None:
    """The edit that takes one command out of a list of `&&`, the whole RUN if it is all of it; None where it can't."""
    others = [each for each in script.commands if each is not command]
    if not others and script.understood and not script.gaps and command.depth == 0:
        return drop(dockerfile, run)
    place = command.statement or command.span
    alone = all(each.pipeline != command.pipeline for each in others)
    if command.depth or not alone or command.operator not in ("", "&&"):
        return None
    source, text = place.source, place.source.text
    if command.operator == "&&":
        before = _AND_BEFORE.search(text, run.arguments.start, place.start)
        behind = text[place.end : run.arguments.end].lstrip()
        tail = behind.startswith("&&") or not behind or _AND_BEHIND.match(text, place.end)
        return Edit(Span(source, before.start(), place.end), "") if before and tail else None
    after = _AND_BEHIND.match(text, place.end)
    return Edit(Span(source, place.start, after.end()), "") if after else None


def without_word(command: Command, word: Span) -> Edit:
    """The edit that takes one of several arguments out of a command."""
    at = next(number for number, argument in enumerate(command.arguments) if argument.span == word)
    before = command.arguments[at - 1].span if at else command.program_span
    return Edit(Span(word.source, before.end, word.end), "")
