"""Which variables a script looks at, and which it sets itself.

POSIX.1-2024, Shell Command Language, 2.5.3. Only the words of commands are read: the lists of `for` and
the subjects of `case` are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.regex import regex
from dfguard.shell.commands import Command
from dfguard.shell.script import Script
from dfguard.source import Span
from dfguard.struct import Struct

_TOKEN = regex(r"\\.|\$\(|\$\{([A-Za-z_]\w*)(:?[-+=?])?|\$([A-Za-z_]\w*)|['\"`()]", re.ASCII | re.DOTALL)
_LOOP = regex(r"\b(?:for|select)\s+([A-Za-z_]\w*)", re.ASCII)
_NAME = regex(r"[A-Za-z_]\w*", re.ASCII)
_READERS = ("read", "getopts", "mapfile", "readarray", "export", "declare", "typeset", "local", "readonly", "printf")
_OPENERS = (".", "source", "eval")


class ScriptVariable(Struct):
    """`$name` or `${name...}` in a script; `has_default`: the text says what happens without a value (`${name:-x}`)."""

    span: Span
    name: str
    has_default: bool


def script_variables(script: Script) -> tuple[ScriptVariable, ...]:
    """The variables that the commands of a script look at, by place."""
    found: dict[int, ScriptVariable] = {}
    for command in script.commands:
        for span in _words(command):
            if "$" in span.text:
                found.update((use.span.start, use) for use in _uses(span))
    return tuple(found[start] for start in sorted(found))


def assigned_names(script: Script) -> frozenset[str] | None:
    """The variables that a script sets; None when it may set any, by `.`, `source` or `eval`."""
    if any(command.program in _OPENERS for command in script.commands):
        return None
    names = {assignment.name for command in script.commands for assignment in command.assignments}
    names.update(_LOOP.findall(script.span.text))
    readers = (command for command in script.commands if command.program in _READERS)
    texts = (argument.text.partition("=")[0] for command in readers for argument in command.arguments)
    names.update(text for text in texts if _NAME.fullmatch(text))
    return frozenset(names)


def _words(command: Command) -> Iterator[Span]:
    yield command.program_span
    yield from (argument.span for argument in command.arguments)
    yield from (redirect.target.span for redirect in command.redirects if redirect.target)
    yield from (assignment.value.span for assignment in command.assignments if assignment.value)


def _uses(word: Span) -> Iterator[ScriptVariable]:
    """The variables of one word; single quotes hide them, unless double quotes stand around those."""
    text, at = word.text, 0
    around = [False]  # for each `$(` and what is outside of all: whether double quotes are open
    while match := _TOKEN.search(text, at):
        token, at = match[0], match.end()
        if token == '"':
            around[-1] = not around[-1]
        elif token == "'" and not around[-1]:
            close = text.find("'", at)
            at = len(text) if close < 0 else close + 1
        elif token in ("$(", "("):
            around.append(False)
        elif token == ")" and len(around) > 1:
            around.pop()
        elif match[1] or match[3]:
            yield ScriptVariable(word.sub(match.start(), at), match[1] or match[3], bool(match[2]))
