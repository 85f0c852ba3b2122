"""A script while it is being read: what its variables hold and what its shells have switched on so far."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dfguard.regex import regex
from dfguard.shell.commands import Argument, Assignment, Redirect
from dfguard.shell.raw import Place
from dfguard.shell.state import OFF, behind_command, either
from dfguard.shell.words import SPECIAL, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dfguard.shell.commands import Command
    from dfguard.shell.masking import Readable
    from dfguard.shell.raw import Range, RawCommand, RawRedirect
    from dfguard.shell.state import ShellState
    from dfguard.shell.words import Lookup

WITH_BRACES = frozenset(("bash", "ksh", "mksh", "zsh"))
OPERATOR = regex(r"(\d*)(<<<|<<-?|<>|<&|&>>|&>|>>|>&|>\||[<>])")
_ASSIGNMENT = regex(r"([A-Za-z_]\w*)(\[[^\]]*\])?(\+?)=", re.ASCII)
_NAME = regex(r"[A-Za-z_]\w*\Z", re.ASCII)
_QUOTED_DOLLAR = regex(r"'[^'$]*\$")
_SETS_VARIABLES = frozenset(("getopts", "let", "mapfile", "read", "readarray", "unset"))
_DECLARES = frozenset(("declare", "export", "local", "readonly", "typeset"))
_SOURCES = frozenset((".", "source", "eval"))


class Frame:
    """One script being read: the RUN's own, or one that a command of it runs (`outer`).

    `shell` reads it; `lookup` gives the values of variables set outside; `place` is where its first
    command stands. `expanded`: another shell has substituted variables before, within single quotes
    too. `placeholder` is the text that xargs replaces. `conditional`: all of it may not run. `shares`: it
    is run by the very shell of the outer script (`eval`). `functions` are those that are called but were
    not yet, `bodies` where they begin.
    """

    def __init__(self, readable: Readable, shell: str, lookup: Lookup, outer: Command | None = None) -> None:
        self.readable = readable
        self.text = readable.text
        self.shell = shell
        self.outside = lookup
        self.outer = outer
        self.conditional = outer.conditional if outer else False
        self.place = Place()
        self.expanded = False
        self.shares = False
        self.placeholder = ""
        self.known: dict[str, str | None] = {}
        self.unsure: set[str] = set()
        self.raws: Iterator[RawCommand] = iter(())
        self.functions: dict[str, list[RawCommand]] = {}
        self.bodies: dict[str, Place] = {}
        self.states: dict[tuple[int, ...], ShellState] = {(): OFF}
        self.inherits_errexit = shell != "bash"
        self.bound: dict[str, str] = {}  # the variable of a loop, in the round under way

    def go_on(self, outer: Frame, place: Place, pipeline: int, *, known: bool) -> None:
        """Be run by the shell of `outer`, as the script of an `eval` at `place`; `known`: all of its text is.

        What may not happen, the outer script must not rely on: then this one keeps its values to itself.
        """
        straight = known and outer.is_straight(place)
        self.place = place.but(pipeline=pipeline, conditional=False, redirects=())
        self.shell, self.shares, self.states = outer.shell, straight, outer.states
        self.outside, self.inherits_errexit = outer.outside, outer.inherits_errexit
        self.known = outer.known if straight else dict(outer.known)
        self.unsure = outer.unsure if straight else set(outer.unsure)

    # words

    def lookup(self, name: str) -> str | None:
        """The value of a variable at this point of the script."""
        if name in self.bound:
            return self.bound[name]
        if name in self.unsure:
            return None
        return self.known[name] if name in self.known else self.outside(name)

    def argument(self, where: Range) -> Argument:
        """A word with its value."""
        span = self.text.span(*where)
        word = self.text.text[where[0] : where[1]]
        raw = word if span.end - span.start == len(word) else span.text
        if self.placeholder and self.placeholder in word:
            return Argument(span, raw, None)
        if not SPECIAL.search(word):
            return Argument(span, raw, word, (word,))
        lost = self.expanded and _QUOTED_DOLLAR.search(word)
        value = None if lost else evaluate(word, self.lookup, braces=self.shell in WITH_BRACES)
        if value is None:
            return Argument(span, raw, None)
        return Argument(span, raw, value.text, value.fields, value.glob)

    def assignment(self, where: Range) -> Assignment | None:
        """`NAME=value`; None when the word is something else."""
        start, end = where
        match = _ASSIGNMENT.match(self.text.text, start, end)
        if not match:
            return None
        span = self.text.span(match.end(), end)
        value = evaluate(self.text.text[match.end() : end], self.lookup) if not match[2] else None
        fields = (value.text,) if value else ()
        argument = Argument(span, span.text if match.end() < end else "", value.text if value else None, fields)
        return Assignment(self.text.span(start, end), match[1], argument, bool(match[3]))

    def redirect(self, raw: RawRedirect) -> Redirect:
        """A redirection with its target, or the body of its here-document."""
        match = OPERATOR.match(self.text.text, raw.start)
        span = self.text.span(raw.start, raw.end)
        if not match:
            return Redirect(span, "", None)
        descriptor = int(match[1]) if match[1] and len(match[1]) < 5 else None
        body = self.readable.bodies.get(match.start(2))
        if match[2] in ("<<", "<<-") or raw.target is None:
            return Redirect(span, match[2], None, descriptor, body.text.whole if body else None)
        return Redirect(span, match[2], self.argument(raw.target), descriptor)

    # variables

    def is_straight(self, place: Place) -> bool:
        """Whether a command there surely runs, once, in this script's own shell."""
        own = self.place
        return not place.conditional and (place.depth, place.subshells) == (own.depth, own.subshells)

    def unsure_of(self, raw: RawCommand) -> Iterator[str]:
        """Names that a command sets in a way that can't be followed."""
        text = self.text.text
        if raw.words and text[slice(*raw.words[0])] in _SETS_VARIABLES:
            words = [text[start:end].partition("=")[0] for start, end in raw.words[1:]]
            yield from (word for word in words if _NAME.match(word))
        if not self.is_straight(raw.place):
            found = (_ASSIGNMENT.match(text, *where) for where in raw.assignments)
            yield from (match[1] for match in found if match)

    def note_variables(self, command: Command, place: Place) -> None:
        """Follow the assignments that a command makes for those behind it."""
        if command.program in _SOURCES:
            if not any(argument.text.endswith("/activate") for argument in command.arguments):
                self.known.update(dict.fromkeys(self.known))
                self.outside = _nothing
        elif self.is_straight(place) and (command.program in _DECLARES or _only_assigns(command)):
            for each in command.assignments:
                value = each.value.value if each.value else None
                before = self.lookup(each.name) if each.append else ""
                self.known[each.name] = None if value is None or before is None else before + value

    # options of the shell

    def state(self, shells: tuple[int, ...], substitutions: set[int]) -> ShellState:
        """What is switched on in a shell; a subshell starts with what the one around it has.

        Bash switches -e off in `$(...)`: https://www.gnu.org/software/bash/manual/html_node/Command-Substitution.html
        """
        known = len(shells)
        while shells[:known] not in self.states:
            known -= 1
        state = self.states[shells[:known]]
        for length in range(known + 1, len(shells) + 1):
            if state.errexit and not self.inherits_errexit and shells[length - 1] in substitutions:
                state = state.but(errexit=False)
            self.states[shells[:length]] = state
        return state

    def note_state(self, command: Command, place: Place) -> None:
        """Follow `set` and `shopt` for the commands behind them in the same shell."""
        if command.program not in ("set", "shopt"):
            return
        words = [argument.value for argument in command.arguments]
        behind = behind_command(command.state, command.program, words)
        self.states[command.subshells] = either(command.state, behind) if place.conditional else behind
        if "inherit_errexit" in words:
            self.inherits_errexit = True


def _nothing(_name: str) -> str | None:
    return None


def _only_assigns(command: Command) -> bool:
    return not command.program and not command.arguments and command.program_span.start == command.program_span.end
