"""Commands of a shell script, as immutable data with exact places in the Dockerfile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dfguard.shell.argument import Argument as Argument
from dfguard.shell.state import OFF, ShellState
from dfguard.source import Span
from dfguard.struct import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator


class Redirect(Struct):
    """A redirection: `operator` without the file descriptor (`>`, `>>`, `<`, `<<`, `<<<`, `>&`, `&>` ...).

    `descriptor` is the number in front of the operator, None when there is none. `target` is the word
    behind it; for a here-document it is None, and `body` is the text between opener and terminator.
    """

    span: Span
    operator: str
    target: Argument | None
    descriptor: int | None = None
    body: Span | None = None


class Assignment(Struct):
    """`NAME=value`, alone, in front of a command, or given to `export` and `env`.

    `value` is None for arrays. `append` is true for `NAME+=value`, whose `value` is the part written here.
    """

    span: Span
    name: str
    value: Argument | None
    append: bool = False


class Loop(Struct):
    """A `for` over words that are known.

    `first` is the index of its first command in the script; `rounds` are the commands of its body, once for each
    word, with what the variable stands for then.
    """

    first: int
    rounds: tuple[tuple[Command, ...], ...]


class Command(Struct):
    """One program run by a script.

    `span` runs from the program to its last argument, `statement` also takes in assignments, wrappers
    and redirects. `program` is the last part of the program's path once `wrappers` (outermost first:
    `("sudo", "env")`, `("bash",)` for a command inside `bash -c "..."`) are peeled; "" when it is not
    known, and when the command only assigns or redirects. `[`, `[[`, `test` are programs too.

    `operator` joins it to the command before it: "", "&&", "||", ";", "|" or "&". Commands of one
    pipeline share the number `pipeline`. `depth` counts subshells, substitutions, functions, loops and
    conditionals around it. `conditional`: it may not run although all before it went well (right of
    `||`, right of `[ ... ] &&`, in a branch, loop or function). `subshells` numbers the child shells
    around it, outermost first: `cd` and variables end with them. `function` is the function whose body
    it stands in; that body is told once, where the function is first called. Redirects of a compound
    around it are among its own `redirects`. `state` says what `set -e` and the like have switched on.
    """

    span: Span
    program: str
    program_span: Span
    arguments: tuple[Argument, ...]
    assignments: tuple[Assignment, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    wrappers: tuple[str, ...] = ()
    operator: str = ""
    pipeline: int = 0
    depth: int = 0
    conditional: bool = False
    subshells: tuple[int, ...] = ()
    function: str | None = None
    statement: Span | None = None
    state: ShellState = OFF

    @property
    def operands(self) -> tuple[Argument, ...]:
        """Arguments that are no options: not begun by `-`, or behind `--`.

        Values of options that stand as a word of their own count as operands, since only the program
        knows which options take one.
        """
        return tuple(self._operands())

    def _operands(self) -> Iterator[Argument]:
        plain = False
        for argument in self.arguments:
            text = argument.text
            if plain or text == "-" or not text.startswith("-"):
                yield argument
            elif text == "--":
                plain = True

    def has(self, *options: str) -> bool:
        """Whether one of `options` is given: `-r` is found in `-rf`, `--output` in `--output=x`."""
        return self._find(options) is not None

    def option(self, *names: str) -> Argument | None:
        """The value of the last of these options: `--name=value`, `--name value`, `-n value`, `-nvalue`.

        None when the option is absent or the last word.
        """
        found = None
        for index, argument in enumerate(self.arguments):
            text = argument.text
            if text == "--":
                break
            found = _value(names, text, argument, self.arguments[index + 1 : index + 2]) or found
        return found

    def option_value(self, *names: str) -> str | None:
        """The text of `option`; None when it is absent or its value is not known."""
        found = self.option(*names)
        return found.value if found else None

    def _find(self, options: tuple[str, ...]) -> Argument | None:
        for argument in self.arguments:
            text = argument.text
            if text == "--":
                return None
            if text.startswith("-") and any(_is_option(text, option) for option in options):
                return argument
        return None


def _is_option(text: str, option: str) -> bool:
    if text == option or text.startswith(option + "="):
        return True
    short = len(option) == 2 and not text.startswith("--")
    return short and option[1] in text[1:] and text[1:].isalpha()


def _value(names: tuple[str, ...], text: str, argument: Argument, following: tuple[Argument, ...]) -> Argument | None:
    for name in names:
        if text == name:
            return following[0] if following else None
        if text.startswith(name + "="):
            return argument.tail(len(name) + 1)
        if len(name) == 2 and text.startswith(name):
            return argument.tail(2)
        if len(name) == 2 and text[-1] == name[1] and text[0] == "-" and text[1:].isalpha():
            return following[0] if following else None
    return None
