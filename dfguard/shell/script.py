"""From the text of a RUN to its commands.

Span of the RUN  -> masking: what the shell gets, and a mask that the grammar can read
                 -> walk:    ranges of commands, in the order in which they start
                 -> reader:  words with values, wrappers peeled, `sh -c` and `bash <<EOF` read inside
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dfguard.shell.commands import Argument
from dfguard.shell.grammar import too_much
from dfguard.shell.masking import Readable, docker_script, why_not_shell
from dfguard.shell.reader import WITH_BRACES, read_commands, read_words
from dfguard.shell.wrappers import SHELLS
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.dockerfile.nodes import Heredoc, JsonWord
    from dfguard.shell.commands import Command
    from dfguard.shell.words import Lookup
    from dfguard.source import Span

INTERPRETERS = SHELLS | {"busybox"}
_SHEBANG = re.compile(r"#![ \t]*(?:\S*/env[ \t]+(?:-\S+[ \t]+)*)?(\S*)")


class Script(Struct):
    """The commands of one RUN.

    `span` is the text that the shell gets: the arguments, or the body of a bare here-document.
    `understood` is false when the interpreter is no POSIX shell or the text is none; `why_not` says so
    in a few words. `gaps` are parts of an understood script that could not be read; commands outside of
    them are right.
    """

    span: Span
    interpreter: str
    understood: bool
    why_not: str
    gaps: tuple[Span, ...]
    commands: tuple[Command, ...]

    def pipeline(self, command: Command) -> tuple[Command, ...]:
        """All commands of the pipeline that `command` is part of."""
        return tuple(each for each in self.commands if each.pipeline == command.pipeline)


def read_script(
    span: Span,
    *,
    escape: str = "\\",
    heredocs: tuple[Heredoc, ...] = (),
    interpreter: str = "sh",
    lookup: Lookup | None = None,
) -> Script:
    """Read the shell form of RUN, CMD, ENTRYPOINT or a health check; never raises on any text.

    `span` is what follows keyword and flags on the logical line, continuations inside; `escape` is the
    Dockerfile's escape character; `interpreter` is the program that runs the script (a path is fine);
    `lookup` gives the values of variables set outside (ENV, ARG), None for unknown ones.
    """
    readable = docker_script(span, escape, heredocs)
    shell = _interpreter(readable, interpreter)
    place = readable.text.whole
    why_not = _why_not(shell, readable.text.text)
    if why_not:
        return Script(place, shell, False, why_not, (), ())
    commands, gaps = read_commands(readable, braces=shell in WITH_BRACES, lookup=lookup or _unknown)
    return Script(place, shell, True, "", gaps, commands)


def read_exec_form(span: Span, words: tuple[JsonWord, ...], *, lookup: Lookup | None = None) -> Script:
    """Read the exec form of RUN, CMD, ENTRYPOINT or a health check: one command, or those of `["sh", "-c", ...]`.

    `span` is the whole JSON array, `words` its strings. No shell reads the words, so variables in them
    mean nothing; `lookup` is for the script behind `-c`.
    """
    arguments = [
        Argument(word.span.sub(1, len(word.span.text) - 1), word.span.text[1:-1], word.value, (word.value,))
        for word in words
    ]
    commands, gaps = read_words(arguments, lookup or _unknown) if arguments else ((), ())
    return Script(span, "", True, "", gaps, commands)


def _interpreter(readable: Readable, interpreter: str) -> str:
    """The shell, or the program that a bare here-document names behind `#!`."""
    found = _SHEBANG.match(readable.text.text) if readable.bare else None
    name = found[1] if found else interpreter
    return name.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".exe")


def _why_not(shell: str, text: str) -> str:
    if shell not in INTERPRETERS:
        return f"it is run by {shell or 'an unknown program'}"
    return too_much(text) or why_not_shell(text)


def _unknown(_name: str) -> str | None:
    return None
