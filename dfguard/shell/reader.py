"""From ranges of a script to Commands: words with values, wrappers peeled, scripts inside of scripts read.

Assignments are followed where they surely happen: `P="curl git"; apt-get install $P` knows its packages.
A variable that is set in a branch, loop, function or subshell anywhere in the script is not known.
"""

from __future__ import annotations

import re
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from dfguard.regex import regex
from dfguard.shell.commands import Argument, Assignment, Command, Redirect
from dfguard.shell.comments import comment_ranges
from dfguard.shell.frame import OPERATOR, Frame
from dfguard.shell.grammar import parse, too_much
from dfguard.shell.masking import Readable, script
from dfguard.shell.raw import Numbers, Place
from dfguard.shell.rounds import Rounds
from dfguard.shell.shelltext import ShellText
from dfguard.shell.state import OFF, switched
from dfguard.shell.walk import Walk
from dfguard.shell.wrappers import SHELLS, Peeled, peel, program_name, reads_input

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dfguard.shell.commands import Loop
    from dfguard.shell.raw import Range, RawCommand
    from dfguard.shell.state import ShellState
    from dfguard.shell.words import Lookup
    from dfguard.source import Span

MAX_NESTING = 8

# In the place of a program these say that the grammar has lost its way.
_RESERVED = frozenset(
    ("case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "then", "until", "while", "{", "}")
)
_DOUBLE_QUOTED = regex(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ESCAPES = regex(r'\\[$`"\\]')
_JSON_ESCAPES = regex(r'\\["\\/]')
_PLAIN = regex(r"[^\s'\"\\$`]+")


def read_commands(
    readable: Readable, shell: str, state: ShellState, lookup: Lookup
) -> tuple[tuple[Command, ...], tuple[Span, ...], tuple[Span, ...], tuple[Loop, ...]]:
    """The commands of a script in the order in which they start, what could not be read, its comments and loops.

    A function's commands are told where it is first called. `shell` reads the script and begins with
    `state`; `lookup` gives the values of variables set outside.
    """
    reader = _Reader(lookup)
    frame = Frame(readable, shell, lookup)
    frame.states[()] = state
    reader.read(frame)
    reader.rounds.close()
    comments = tuple(sorted(set(reader.comments), key=lambda span: span.start))
    return tuple(reader.commands), tuple(reader.gaps), comments, tuple(reader.rounds.loops)


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
    if inside is None or "\\" in _JSON_ESCAPES.sub("", inside.raw):
        return (command,), ()
    text = ShellText(span.source, [(inside.span.start, inside.span.end)])
    text = text.part(0, len(text.text), [(at.start(), at.start() + 1) for at in _JSON_ESCAPES.finditer(text.text)])
    if too_much(text.text):
        return (command,), ()
    reader = _Reader(lookup)
    frame = Frame(script(text), peeled.shell, lookup, command.but(wrappers=(*command.wrappers, command.program)))
    frame.states[()] = _begins(peeled)
    reader.read(frame)
    return tuple(reader.commands) or (command,), tuple(reader.gaps)


class _Reader:
    """Reads a script and the scripts inside of it, in the order in which they run."""

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self.numbers = Numbers()
        self.commands: list[Command] = []
        self.gaps: list[Span] = []
        self.comments: list[Span] = []
        self.seen: set[tuple[int, int]] = set()
        self.rounds = Rounds()

    def read(self, frame: Frame) -> None:
        self.open(frame)
        frames = [frame]
        while frames:
            frame = frames[-1]
            raw = next(frame.raws, None)
            if raw is None:
                if not self.tell_uncalled(frame):
                    frames.pop()
                    _hand_back(frame, frames)
                continue
            if frame.outer is None:
                self.rounds.enter(frame, raw, len(self.commands))
            command, peeled = self.build(frame, raw)
            inner = self.inside(frame, raw, command, peeled) if len(frames) < MAX_NESTING else None
            if inner:
                self.rounds.spoil()
                frames.append(inner)
                continue
            frame.note_variables(command, raw.place)
            frame.note_state(command, raw.place)
            if (command.span.start, command.span.end) not in self.seen:
                self.seen.add((command.span.start, command.span.end))
                self.rounds.add(frame, len(self.commands), partial(self.command, frame, raw))
                self.commands.append(command)
            self.tell_called(frame, raw)

    def open(self, frame: Frame) -> bool:
        """Parse the script of a frame; false when no command of it is understood."""
        root = parse(frame.readable.mask)
        walk = Walk(root, frame.place, self.numbers)
        self.comments += [frame.text.span(*where) for where in comment_ranges(root, frame.readable.mask)]
        if frame.outer is None:
            self.rounds = Rounds(walk.loops)
        raws, gaps = _trusted(walk, frame.text.text)
        if frame.outer is None or raws:
            self.gaps += [frame.text.span(start, end) for start, end in gaps]
        frame.unsure.update(frame.text.text[start:end] for start, end in walk.variables)
        for raw in raws:
            frame.unsure.update(frame.unsure_of(raw))
        called = {_first_word(frame, raw) for raw in raws}
        frame.bodies = {name: places[0] for name, places in walk.functions.items() if len(places) == 1}
        frame.functions = {name: [] for name in frame.bodies if name in called}
        straight: list[RawCommand] = []
        for raw in raws:
            body = frame.functions.get(raw.place.function or "")
            if body is not None:
                body.append(raw)
            else:
                straight.append(_maybe(raw) if raw.place.function else raw)
        frame.raws = iter(straight)
        return bool(raws)

    def tell_called(self, frame: Frame, raw: RawCommand) -> None:
        """Tell the commands of a function where it is first called."""
        name = _first_word(frame, raw)
        body = frame.functions.pop(name, None) if name else None
        if body:
            call = raw.place.but(redirects=(*raw.redirects, *raw.place.redirects))
            base = frame.bodies[name]
            told = [each.but(place=each.place.called(call, base)) for each in body]
            frame.raws = chain(told, frame.raws)

    def tell_uncalled(self, frame: Frame) -> bool:
        """Tell the commands of a function that nothing called after all; false when there is none left."""
        if not frame.functions:
            return False
        _, body = frame.functions.popitem()
        frame.raws = iter([_maybe(raw) for raw in body])
        return True

    def command(self, frame: Frame, raw: RawCommand) -> Command:
        """A command as it is now."""
        return self.build(frame, raw)[0]

    def build(self, frame: Frame, raw: RawCommand) -> tuple[Command, Peeled]:
        """A command without the ones inside of it."""
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
            place.conditional or frame.conditional,
            place.subshells,
            place.function,
            statement,
            frame.state(place.subshells, self.numbers.substitutions),
        )
        return command, peeled

    # scripts inside

    def inside(self, frame: Frame, raw: RawCommand, command: Command, peeled: Peeled) -> Frame | None:
        """The script that a command runs, if it is written there and understood."""
        word = peeled.script or _evaluated(command)
        if word:
            inner = _script_word(frame, word, peeled.shell, self.lookup)
        else:
            inner = _script_input(frame, raw, peeled, self.lookup)
        if not inner:
            return None
        inner.outer = command.but(wrappers=(*command.wrappers, command.program))
        inner.conditional = command.conditional
        inner.placeholder = peeled.placeholder or frame.placeholder
        number = command.pipeline if command.pipeline in self.numbers.piped else 0
        if command.program == "eval":
            inner.go_on(frame, raw.place, number, known=command.arguments[0].value is not None)
            if not inner.shares:
                frame.note_variables(command, raw.place)
        else:
            inner.known = {each.name: each.value.value if each.value else None for each in command.assignments}
            shells = (*command.subshells, self.numbers.fresh())
            inner.place = Place(command.operator, number, command.depth + 1, False, shells, command.function)
            inner.states = {shells: _begins(peeled)}
        return inner if self.open(inner) else None


def _first_word(frame: Frame, raw: RawCommand) -> str:
    return frame.text.text[slice(*raw.words[0])] if raw.words else ""


def _maybe(raw: RawCommand) -> RawCommand:
    """A command of a function that nothing calls for sure."""
    return raw.but(place=raw.place.at(raw.place.operator, True))


def _evaluated(command: Command) -> Argument | None:
    """The script in `eval SCRIPT`; None when it is put together from several words."""
    words = command.arguments
    return words[0] if command.program == "eval" and len(words) == 1 and not command.wrappers else None


def _begins(peeled: Peeled) -> ShellState:
    """What is switched on in the shell that a command starts."""
    name = program_name(peeled.words[0]) if peeled.words else ""
    return switched(OFF, [word.value for word in peeled.words[1:]]) if name in SHELLS else OFF


def _script_word(frame: Frame, word: Argument, shell: str, lookup: Lookup) -> Frame | None:
    """The script in `sh -c SCRIPT`; None when it is put together from more than one piece."""
    if word.span.start == word.span.end:
        return None
    text = frame.text
    start, end = text.position(word.span.start), text.position(word.span.end - 1) + 1
    raw = text.text[start:end]
    if _PLAIN.fullmatch(raw):
        return Frame(script(text.part(start, end)), shell, lookup)
    if raw[0] == raw[-1] == "'" and raw.count("'") == 2:
        return Frame(script(text.part(start + 1, end - 1)), shell, lookup)
    if not _DOUBLE_QUOTED.fullmatch(raw):
        return None
    return _expanded(Frame(script(_unescaped(text, start + 1, end - 1)), shell, lookup), frame, raw)


def _script_input(frame: Frame, raw: RawCommand, peeled: Peeled, lookup: Lookup) -> Frame | None:
    """The script in `bash <<EOF`."""
    shell = program_name(peeled.words[0]) if peeled.words else ""
    if shell not in SHELLS or not reads_input(peeled.words):
        return None
    for redirect in reversed(raw.redirects):
        match = OPERATOR.match(frame.text.text, redirect.start)
        body = frame.readable.bodies.get(match.start(2)) if match else None
        if body and body.expand:
            found = Frame(script(_unescaped(body.text, 0, len(body.text.text))), shell, lookup)
            return _expanded(found, frame, body.text.text)
        if body:
            return Frame(script(body.text), shell, lookup)
    return None


def _expanded(inner: Frame, outer: Frame, raw: str) -> Frame:
    """A script in which the outer shell has substituted the variables, unless their `$` is escaped."""
    if "\\$" not in raw:
        inner.outside = outer.lookup
        inner.expanded = True
    return inner


def _unescaped(text: ShellText, start: int, end: int) -> ShellText:
    """The characters between double quotes (or of a here-document) without the backslashes that quote."""
    return text.part(
        start, end, [(match.start(), match.start() + 1) for match in _ESCAPES.finditer(text.text, start, end)]
    )


def _trusted(walk: Walk, text: str) -> tuple[list[RawCommand], list[Range]]:
    """Commands and gaps: a command next to a gap is part of it, and behind a lost quote or keyword all is."""
    stray = [raw.start for raw in walk.commands if raw.words and text[slice(*raw.words[0])] in _RESERVED]
    if not walk.gaps and not stray:
        return walk.commands, []
    lost = [start for start, end in walk.gaps if any(text.count(quote, start, end) % 2 for quote in "'\"`")]
    lost += stray
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


def _hand_back(frame: Frame, frames: list[Frame]) -> None:
    """What `eval` may have made of variables set outside."""
    if frame.shares and frames:
        frames[-1].outside = frame.outside


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
