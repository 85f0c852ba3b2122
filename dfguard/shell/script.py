"""From the text of a RUN to its commands.

Span of the RUN  -> masking: what the shell gets, and a mask that the grammar can read
                 -> walk:    ranges of commands, in the order in which they start
                 -> reader:  words with values, wrappers peeled, `sh -c` and `bash <<EOF` read inside
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.regex import regex
from dfguard.shell.commands import Argument
from dfguard.shell.grammar import too_much
from dfguard.shell.masking import Readable, docker_script, why_not_shell
from dfguard.shell.reader import read_commands, read_words
from dfguard.shell.state import OFF, switched
from dfguard.shell.wrappers import SHELLS, peel
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.dockerfile.nodes import Heredoc, JsonWord, Run
    from dfguard.shell.commands import Command, Loop
    from dfguard.shell.words import Lookup
    from dfguard.source import Span

INTERPRETERS = SHELLS | {"busybox"}
_SHEBANG = regex(r"#![ \t]*(?:\S*/env[ \t]+(?:-\S+[ \t]+)*)?(\S*)(.*)")


class Interpreter(Struct):
    """What runs a shell form: the program's name, and the words between it and the script (`-o`, `pipefail`, `-c`)."""

    name: str
    options: tuple[str, ...] = ()


class Script(Struct):
    """The commands of one RUN.

    `span` is the text that the shell gets: the arguments, or the body of a bare here-document.
    `understood` is false when the interpreter is no POSIX shell or the text is none; `why_not` says so
    in a few words. `gaps` are parts of an understood script that could not be read; commands outside of
    them are right. `comments` are those that the shell sees, from `#` to the end of its line, which lines
    joined by the builder make longer than the one in the file; a comment on a line of its own is dropped by
    the builder and not among them. `loops` are those over known words.
    """

    span: Span
    interpreter: str
    understood: bool
    why_not: str
    gaps: tuple[Span, ...]
    commands: tuple[Command, ...]
    comments: tuple[Span, ...] = ()
    loops: tuple[Loop, ...] = ()

    def pipeline(self, command: Command) -> tuple[Command, ...]:
        """All commands of the pipeline that `command` is part of."""
        return tuple(each for each in self.commands if each.pipeline == command.pipeline)


class StartScript(Script):
    """The commands of one CMD, ENTRYPOINT or HEALTHCHECK: run in a container, not in the build."""


def read_run(run: Run, escape: str, shell: Interpreter, lookup: Lookup) -> Script:
    """Read the script of a RUN in either form; `shell` is what runs the shell form, `lookup` as for `read_script`."""
    if run.exec_form is not None:
        return read_exec_form(run.arguments, run.exec_form, lookup=lookup)
    return read_script(
        run.arguments,
        escape=escape,
        heredocs=run.heredocs,
        interpreter=shell.name,
        options=shell.options,
        lookup=lookup,
    )


def read_script(
    span: Span,
    *,
    escape: str = "\\",
    heredocs: tuple[Heredoc, ...] = (),
    interpreter: str = "sh",
    options: tuple[str, ...] = (),
    lookup: Lookup | None = None,
) -> Script:
    """Read the shell form of RUN, CMD, ENTRYPOINT or a health check; never raises on any text.

    `span` is what follows keyword and flags on the logical line, continuations inside; `escape` is the
    Dockerfile's escape character; `interpreter` is the program that runs the script (a path is fine),
    `options` are the words behind it; `lookup` gives the values of variables set outside (ENV, ARG),
    None for unknown ones.
    """
    readable = docker_script(span, escape, heredocs)
    shell = _interpreter(readable, Interpreter(interpreter, options))
    place = readable.text.whole
    why_not = _why_not(shell.name, readable.text.text)
    if why_not:
        return Script(place, shell.name, False, why_not, (), ())
    state = switched(OFF, shell.options)
    commands, gaps, comments, loops = read_commands(readable, shell.name, state, lookup or _unknown)
    return Script(place, shell.name, True, "", gaps, commands, comments, loops)


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


def read_start_script(
    span: Span, exec_form: tuple[JsonWord, ...] | None, escape: str, interpreter: Interpreter
) -> StartScript:
    """Read what a container starts with or is probed by, in either form; values of variables are not known."""
    if exec_form is not None:
        read = read_exec_form(span, exec_form)
    else:
        read = read_script(span, escape=escape, interpreter=interpreter.name, options=interpreter.options)
    return StartScript(
        read.span, read.interpreter, read.understood, read.why_not, read.gaps, read.commands, read.comments
    )


def read_shell(words: tuple[JsonWord, ...]) -> Interpreter:
    """What a SHELL instruction names: the shell behind wrappers (`env`, `conda run`), or the first program.

    The name is in lower case, without folder and `.exe`; "" for an empty SHELL.
    """
    if not words:
        return Interpreter("")
    last = words[-1].span
    arguments = [Argument(word.span, word.span.text, word.value, (word.value,)) for word in words]
    script = Argument(last.sub(0, 0), "", None)
    peeled = peel([*arguments, script])
    if peeled.script is script:
        return Interpreter(peeled.shell, tuple(word.value or "" for word in peeled.words[1:-1]))
    return Interpreter(_base_name(words[0].value).lower(), tuple(word.value for word in words[1:]))


def _interpreter(readable: Readable, given: Interpreter) -> Interpreter:
    """The shell, or the program that a bare here-document names behind `#!`."""
    found = _SHEBANG.match(readable.text.text) if readable.bare else None
    if found:
        return Interpreter(_base_name(found[1]), tuple(found[2].split()))
    return given.but(name=_base_name(given.name))


def _base_name(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".exe")


def _why_not(shell: str, text: str) -> str:
    if shell not in INTERPRETERS:
        return f"it is run by {shell or 'an unknown program'}"
    return too_much(text) or why_not_shell(text)


def _unknown(_name: str) -> str | None:
    return None
