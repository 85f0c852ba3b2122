"""From ranges of a script to Commands: words with values, wrappers peeled, scripts inside of scripts read.

Assignments are followed where they surely happen: `P="curl git"; apt-get install $P` knows its packages.
A variable that is set in a branch, loop, function or subshell anywhere in the script is not known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dfguard.shell.commands import Argument, Assignment, Command, Redirect
from dfguard.shell.grammar import parse, too_much
from dfguard.shell.masking import Readable, script
from dfguard.shell.raw import Numbers, Place
from dfguard.shell.shelltext import ShellText
from dfguard.shell.walk import Walk
from dfguard.shell.words import SPECIAL, evaluate
from dfguard.shell.wrappers import SHELLS, Peeled, peel, program_name, reads_input

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dfguard.shell.raw import Range, RawCommand, RawRedirect
    from dfguard.shell.words import Lookup
    from dfguard.source import Span

MAX_NESTING = 8
WITH_BRACES = frozenset(("bash", "ksh", "mksh", "zsh"))

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\[[^\]]*\])?(\+?)=", re.ASCII)
_NAME = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)
_OPERATOR = re.compile(r"(\d*)(<<<|<<-?|<>|<&|&>>|&>|>>|>&|>\||[<>])")
_DOUBLE_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ESCAPES = re.compile(r'\\[$`"\\]')
_PLAIN = re.compile(r"[^\s'\"\\$`]+")
_SETS_VARIABLES = frozenset(("getopts", "let", "mapfile", "read", "readarray", "unset"))
_DECLARES = frozenset(("declare", "export", "local", "readonly", "typeset"))
_SOURCES = frozenset((".", "source", "eval"))


def read_commands(readable: Readable, *, braces: bool, lookup: Lookup) -> tuple[tuple[Command, ...], tuple[Span, ...]]:
    """The commands of a script in the order in which they start, and the parts that could not be read.

    `braces`: the shell expands `{a,b}`; `lookup` gives the values of variables set outside.
    """
    reader = _Reader(lookup)
    reader.read(_Frame(readable, braces, lookup))
    return tuple(reader.commands), tuple(reader.gaps)


def read_words(words: Sequence[Argument], lookup: Lookup) -> tuple[tuple[Command, ...], tuple[Span, ...]]:
    """As read_commands, for a command whose words are given (exec form), not written as a script."""
    peeled = _peel(words)
    whole = words[0].span.to(words[-1].span)
    first = peeled.words[0] if peeled.words else words[0]
    span = first.span.to(words[-1].span)
    command = Command(
        span, program_name(first), first.span, peeled.words[1:], wrappers=peeled.wrappers, pipeline=1, statement=whole
    )
    inside = peeled.script
    if inside is None or "\\" in inside.raw:
        return (command,), ()
    text = ShellText(span.source, [(inside.span.start, inside.span.end)])
    if too_much(text.text):
        return (command,), ()
    reader = _Reader(lookup)
    outer = command.but(wrappers=(*command.wrappers, command.program))
    reader.read(_Frame(script(text), peeled.shell in WITH_BRACES, lookup, outer))
    return tuple(reader.commands) or (command,), tuple(reader.gaps)


class _Frame:
    """One script being read: the RUN's own, or one that a command of it runs (`outer`)."""

    def __init__(self, readable: Readable, braces: bool, lookup: Lookup, outer: Command | None = None) -> None:
        self.readable = readable
        self.text = readable.text
        self.braces = braces
        self.outside = lookup
        self.outer = outer
        self.place = Place()
        self.known: dict[str, str | None] = {}
        self.unsure: set[str] = set()
        self.raws: Iterator[RawCommand] = iter(())

    def lookup(self, name: str) -> str | None:
        """The value of a variable at this point of the script."""
        if name in self.unsure:
            return None
        return self.known[name] if name in self.known else self.outside(name)

    def argument(self, where: Range) -> Argument:
        span = self.text.span(*where)
        word = self.text.text[where[0] : where[1]]
        raw = word if span.end - span.start == len(word) else span.text
        if not SPECIAL.search(word):
            return Argument(span, raw, word, (word,))
        value = evaluate(word, self.lookup, braces=self.braces)
        if value is None:
            return Argument(span, raw, None)
        return Argument(span, raw, value.text, value.fields, value.glob)

    def assignment(self, where: Range) -> Assignment | None:
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
        match = _OPERATOR.match(self.text.text, raw.start)
        span = self.text.span(raw.start, raw.end)
        if not match:
            return Redirect(span, "", None)
        descriptor = int(match[1]) if match[1] and len(match[1]) < 5 else None
        body = self.readable.bodies.get(match.start(2))
        if match[2] in ("<<", "<<-") or raw.target is None:
            return Redirect(span, match[2], None, descriptor, body.text.whole if body else None)
        return Redirect(span, match[2], self.argument(raw.target), descriptor)

    def is_straight(self, place: Place | Command) -> bool:
        """Whether a command there surely runs, once, in this script's own shell."""
        own = self.place
        return (place.depth, place.conditional, place.subshells) == (own.depth, own.conditional, own.subshells)


class _Reader:
    """Reads a script and the scripts inside of it, in the order in which they run."""

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self.numbers = Numbers()
        self.commands: list[Command] = []
        self.gaps: list[Span] = []
        self.seen: set[tuple[int, int]] = set()

    def read(self, frame: _Frame) -> None:
        self.open(frame)
        frames = [frame]
        while frames:
            frame = frames[-1]
            raw = next(frame.raws, None)
            if raw is None:
                frames.pop()
                continue
            command, peeled = _build(frame, raw)
            _note_variables(frame, command)
            inner = self.inside(frame, raw, command, peeled) if len(frames) < MAX_NESTING else None
            if inner:
                frames.append(inner)
            elif (command.span.start, command.span.end) not in self.seen:
                self.seen.add((command.span.start, command.span.end))
                self.commands.append(command)

    def open(self, frame: _Frame) -> bool:
        """Parse the script of a frame; false when no command of it is understood."""
        walk = Walk(parse(frame.readable.mask), frame.place, self.numbers)
        raws, gaps = _trusted(walk, frame.text.text)
        if frame.outer is None or raws:
            self.gaps += [frame.text.span(start, end) for start, end in gaps]
        frame.raws = iter(raws)
        frame.unsure |= {frame.text.text[start:end] for start, end in walk.variables}
        for raw in raws:
            frame.unsure |= _unsure(frame, raw)
        return bool(raws)

    def inside(self, frame: _Frame, raw: RawCommand, command: Command, peeled: Peeled) -> _Frame | None:
        """The script that a command runs, if it is written there and understood."""
        found = self.script_word(frame, peeled) or self.script_input(frame, raw, peeled)
        if not found:
            return None
        text, shell, lookup = found
        outer = command.but(wrappers=(*command.wrappers, command.program))
        inner = _Frame(script(text), shell in WITH_BRACES, lookup, outer)
        inner.known = {each.name: each.value.value if each.value else None for each in command.assignments}
        shells = (*command.subshells, self.numbers.fresh())
        inner.place = Place(
            command.operator, command.pipeline, command.depth + 1, command.conditional, shells, command.function
        )
        return inner if self.open(inner) else None

    def script_word(self, frame: _Frame, peeled: Peeled) -> tuple[ShellText, str, Lookup] | None:
        """The script in `sh -c SCRIPT`; None when it is put together from more than one piece."""
        word = peeled.script
        if word is None or word.span.start == word.span.end:
            return None
        text = frame.text
        start, end = text.position(word.span.start), text.position(word.span.end - 1) + 1
        raw = text.text[start:end]
        if _PLAIN.fullmatch(raw):
            return text.part(start, end), peeled.shell, self.lookup
        if raw[0] == raw[-1] == "'" and raw.count("'") == 2:
            return text.part(start + 1, end - 1), peeled.shell, self.lookup
        if _DOUBLE_QUOTED.fullmatch(raw):
            return _unescaped(text, start + 1, end - 1), peeled.shell, self.lookup if "\\$" in raw else frame.lookup
        return None

    def script_input(self, frame: _Frame, raw: RawCommand, peeled: Peeled) -> tuple[ShellText, str, Lookup] | None:
        """The script in `bash <<EOF`."""
        shell = program_name(peeled.words[0]) if peeled.words else ""
        if peeled.script or shell not in SHELLS or not reads_input(peeled.words):
            return None
        for redirect in reversed(raw.redirects):
            match = _OPERATOR.match(frame.text.text, redirect.start)
            body = frame.readable.bodies.get(match.start(2)) if match else None
            if body and body.expand:
                return _unescaped(body.text, 0, len(body.text.text)), shell, frame.lookup
            if body:
                return body.text, shell, self.lookup
        return None


def _unescaped(text: ShellText, start: int, end: int) -> ShellText:
    """The characters between double quotes (or of a here-document) without the backslashes that quote."""
    return text.part(
        start, end, [(match.start(), match.start() + 1) for match in _ESCAPES.finditer(text.text, start, end)]
    )


def _trusted(walk: Walk, text: str) -> tuple[list[RawCommand], list[Range]]:
    """Commands and gaps: a command next to a gap is part of it, and behind a lost quote all is."""
    if not walk.gaps:
        return walk.commands, []
    lost = [start for start, end in walk.gaps if any(text.count(quote, start, end) % 2 for quote in "'\"`")]
    edge = min(lost, default=len(text))
    gaps = [*(gap for gap in walk.gaps if gap[0] < edge), *([(edge, len(text))] if lost else [])]
    starts = {_after_blanks(text, start) for start, _ in gaps}
    ends = {end for start, end in gaps if text[start:end].strip(";&|")}
    commands = [
        command
        for command in walk.commands
        if command.end <= edge and command.end not in starts and _after_blanks(text, command.start) not in ends
    ]
    return commands, gaps


def _after_blanks(text: str, position: int) -> int:
    while position and text[position - 1] in " \t":
        position -= 1
    return position


def _unsure(frame: _Frame, raw: RawCommand) -> set[str]:
    """Names that a command sets in a way that can't be followed."""
    text = frame.text.text
    names: set[str] = set()
    if raw.words and text[slice(*raw.words[0])] in _SETS_VARIABLES:
        words = [text[start:end].partition("=")[0] for start, end in raw.words[1:]]
        names.update(word for word in words if _NAME.match(word))
    if not frame.is_straight(raw.place):
        for start, end in raw.assignments:
            match = _ASSIGNMENT.match(text, start, end)
            if match:
                names.add(match[1])
    return names


def _note_variables(frame: _Frame, command: Command) -> None:
    """Follow the assignments that a command makes for those behind it."""
    if command.program in _SOURCES:
        activates = any(argument.text.endswith("/activate") for argument in command.arguments)
        if not activates:
            frame.known = dict.fromkeys(frame.known)
            frame.outside = _nothing
    elif frame.is_straight(command) and (command.program in _DECLARES or _only_assigns(command)):
        for each in command.assignments:
            value = each.value.value if each.value else None
            before = frame.lookup(each.name) if each.append else ""
            frame.known[each.name] = None if value is None or before is None else before + value


def _nothing(_name: str) -> str | None:
    return None


def _only_assigns(command: Command) -> bool:
    return not command.program and not command.arguments and command.program_span.start == command.program_span.end


def _build(frame: _Frame, raw: RawCommand) -> tuple[Command, Peeled]:
    peeled = _peel([frame.argument(where) for where in raw.words])
    assignments = [frame.assignment(where) for where in raw.assignments]
    assignments += [_as_assignment(word) for word in peeled.assignments]
    statement = frame.text.span(raw.start, raw.end)
    first = peeled.words[0] if peeled.words else None
    span = first.span.to(peeled.words[-1].span) if first else statement
    outer = frame.outer
    place = raw.place
    command = Command(
        span,
        program_name(first) if first else "",
        first.span if first else statement.sub(0, 0),
        peeled.words[1:],
        tuple(each for each in assignments if each),
        tuple(map(frame.redirect, raw.redirects + place.redirects)) + (_passed_on(outer) if outer else ()),
        (outer.wrappers if outer else ()) + peeled.wrappers,
        place.operator,
        place.pipeline,
        place.depth,
        place.conditional,
        place.subshells,
        place.function,
        statement,
    )
    return command, peeled


def _passed_on(outer: Command) -> tuple[Redirect, ...]:
    """Redirects of `bash -c "..."` hold for the commands inside; its here-document is the script itself."""
    return tuple(redirect for redirect in outer.redirects if redirect.body is None)


def _peel(words: Sequence[Argument]) -> Peeled:
    """Peel wrappers; a variable in the program's place may hold several words, or none."""
    peeled = peel(words)
    for _ in range(MAX_NESTING):
        first = peeled.words[0] if peeled.words else None
        if first is None or first.value is None or first.fields == (first.value,):
            return peeled
        again = peel((*first.each, *peeled.words[1:]))
        assignments = peeled.assignments + again.assignments
        peeled = again.but(wrappers=peeled.wrappers + again.wrappers, assignments=assignments)
    return peeled


def _as_assignment(word: Argument) -> Assignment:
    name = word.text.partition("=")[0]
    return Assignment(word.span, name, word.tail(len(name) + 1))
