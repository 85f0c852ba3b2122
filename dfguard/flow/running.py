"""RUN: what its commands do to files, one after the other, and which of them surely run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from dfguard.dockerfile.nodes import Run
from dfguard.flow import changing
from dfguard.flow.archives import Member
from dfguard.flow.carrying import carry
from dfguard.flow.filesystem import Filesystem
from dfguard.flow.finding import Found, as_arguments, search
from dfguard.flow.packing import pack, packed, unpack
from dfguard.flow.workplace import Act, Workplace
from dfguard.flow.world import World
from dfguard.regex import regex
from dfguard.shell.argument import Argument
from dfguard.shell.commands import Command
from dfguard.shell.effects import (
    Changes,
    ChangesDirectory,
    ChangesMode,
    ChangesOwner,
    Clears,
    Copies,
    Effect,
    Ends,
    Fills,
    Finds,
    Links,
    MakesDirectory,
    MakesHome,
    Moves,
    Opaque,
    Packs,
    Removes,
    Replaces,
    Rewrites,
    SetsMask,
    Touches,
    Unpacks,
    Writes,
    effects,
    found_by,
    printed,
)
from dfguard.shell.outcomes import in_background, link_level, nesting, required
from dfguard.shell.script import Script

_CHANGES_FOLDER = ("cd", "chdir", "pushd", "popd")
_NEVER_FAILS = frozenset(("", ":", "true", "echo", "printf", "set", "export", "umask", "pwd", "unset"))
_FAILS_IF_MISSED = frozenset(
    "cp mv ln chmod chown chgrp touch install tee rmdir unlink truncate sed cd mkdir rm".split()
)
_ZEROES = regex(r"\bxargs\b[^|;&]*?\s(?:-[a-zA-Z]*0|--null\b)")
_BLANKS = regex(r"[\s'\"\\]")
MOST_FOUND = 10_000  # paths that `xargs` and `find -exec` hand on


def run(instruction: Run, state: Filesystem, world: World) -> None:
    """Play a RUN."""
    script = world.script(instruction)
    if not script.understood:
        state.opaque(instruction, script.why_not)
        return
    _Running(instruction, state, world, script).run()
    if script.gaps:
        state.opaque(instruction, "a part of it can't be read")


class _Running:
    """A RUN under way."""

    def __init__(self, instruction: Run, state: Filesystem, world: World, script: Script) -> None:
        self.work = Workplace(instruction, state, world)
        self.commands = script.commands
        self.loops = script.loops
        self.levels = nesting(script.commands)
        self.required = required(script.commands)
        self.functions = {command.function for command in script.commands if command.function}
        self.called: set[str] = set()
        # For each level around the command under way: whether all went well that it stands behind by `&&`.
        self.lists: list[tuple[int, bool]] = []
        self.over = False  # the shell may have ended
        self.fed: dict[int, str | None] = {}  # by pipeline: the text that the next command of it gets
        self.packed: dict[int, tuple[Member, ...] | None] = {}  # by pipeline: what a `tar` prints
        self.listed: dict[int, Found] = {}  # by pipeline: what a `find` lists
        outputs = Counter((r.span.start, r.span.end) for command in script.commands for r in command.redirects)
        self.shared = {place for place, count in outputs.items() if count > 1}
        self.opened: set[tuple[int, int]] = set()

    def run(self) -> None:
        """Play all commands."""
        for index, command in self.in_order():
            behind = self.behind(index)
            runs = behind and not command.conditional and not self.over and not in_background(command)
            act = Act(command, runs, self.required[index] and runs, self.work.owner(command))
            ended = self.command(command, act)
            if ended and runs and not command.subshells and self.levels[index] == 0:
                return
            self.over = self.over or ended
            self.note(index, self.went_well(command, act))

    def in_order(self) -> Iterator[tuple[int, Command]]:
        """All commands with their indices; those of a loop over known words once for each word."""
        loops = {loop.first: loop.rounds for loop in self.loops}
        at = 0
        while at < len(self.commands):
            rounds = loops.get(at, ((self.commands[at],),))
            for commands in rounds:
                yield from enumerate(commands, at)
            at += len(rounds[0])

    # -- what surely runs

    def behind(self, index: int) -> bool:
        """Whether all went well that the command stands behind."""
        level, operator = self.levels[index], self.commands[index].operator
        while self.lists and self.lists[-1][0] > level:
            self.lists.pop()
        inner = not self.lists or self.lists[-1][0] < level
        around = all(well for _, well in self.lists[: None if inner else -1])
        if inner:
            outer = self.lists[-1][1] if self.lists and operator == "&&" else True
            self.lists.append((level, True))
            return around and outer
        before = self.commands[index - 1]
        linked = link_level(before, self.commands[index], self.levels[index - 1], level)
        if operator in (";", "&", "") and linked >= level:
            self.lists[-1] = level, True
        return around and (self.lists[-1][1] or operator != "&&")

    def note(self, index: int, well: bool) -> None:
        """Remember how a command went for those behind it."""
        level, before = self.lists[-1]
        self.lists[-1] = level, (before and well) if self.commands[index].operator == "&&" else well

    def went_well(self, command: Command, act: Act) -> bool:
        """Whether a command surely succeeds if it runs."""
        if act.required or command.program in _NEVER_FAILS:
            return True
        if act.missed:
            return command.program == "rm" and command.has("-f", "--force")
        return command.program in _FAILS_IF_MISSED

    # -- one command

    def command(self, command: Command, act: Act) -> bool:
        """Play one command; the result is whether it ends the shell."""
        if command.program in self.functions and command.program not in self.called:
            self.called.add(command.program)  # its commands are told next
            return False
        fed = self.fed.get(command.pipeline) if command.operator == "|" else None
        self.fed[command.pipeline] = printed(command, fed)
        command = self.with_input(command, act, fed)
        found = effects(command, fed)
        if "exec" in command.wrappers and not command.program:
            found += (Opaque(command.span, "its output goes on into a file"),)
        for effect in found:
            if isinstance(effect, Writes):
                self.write(effect, command, act)
            elif isinstance(effect, Packs) and effect.archive is None:
                self.packed[command.pipeline] = packed(effect, self.work, act)
            elif isinstance(effect, Unpacks) and effect.archive is None:
                self.unpack(effect, command, act)
            else:
                self.apply(effect, act)
        if any(isinstance(effect, Opaque) for effect in found):
            act.missed = True
        listing = found_by(command) if command.program == "find" else None
        if listing is not None:
            self.listed[command.pipeline] = search(listing, self.work, act)
        return any(isinstance(effect, Ends) for effect in found) or (
            "exec" in command.wrappers and bool(command.program) and not command.subshells
        )

    def unpack(self, effect: Unpacks, command: Command, act: Act) -> None:
        """What comes through a pipe from another `tar`, or from a file."""
        source = next((r.target for r in command.redirects if r.operator == "<"), None)
        members = self.packed.get(command.pipeline) if command.operator == "|" else None
        unpack(effect.but(archive=source), self.work, act, members)

    def with_input(self, command: Command, act: Act, fed: str | None) -> Command:
        """What `xargs` runs, with the paths that it reads from the pipe."""
        if "xargs" not in command.wrappers or command.operator != "|":
            return command
        listing = self.listed.get(command.pipeline)
        apart = _ZEROES.search((command.statement or command.span).text) is not None
        if listing is not None and not apart and any(_BLANKS.search(path) for path, _ in listing.paths):
            return command  # it takes such a path for several, or for none
        place = Argument(command.span, "", "")
        if listing is not None and len(listing.paths) <= MOST_FOUND:
            words = as_arguments(listing.paths, place)
            if not listing.complete:
                self.work.opaque("xargs may get more paths than are known", command.span)
        elif fed is not None and not any(sign in fed for sign in "'\"\\"):
            words = tuple(Argument(command.span, word, word, (word,)) for word in fed.split())
        else:
            return command
        if any(argument.value is None for argument in command.arguments):
            return command
        wrappers = tuple(wrapper for wrapper in command.wrappers if wrapper != "xargs")
        return command.but(arguments=command.arguments + words, wrappers=wrappers)

    def write(self, effect: Writes, command: Command, act: Act) -> None:
        """A file is written; one that is open for several commands is emptied by the first only."""
        place = next(((r.span.start, r.span.end) for r in command.redirects if r.target is effect.path), None)
        again = place is not None and place in self.shared
        if place is not None and again and place not in self.opened:
            self.opened.add(place)
            changing.write(effect.but(text=None), self.work, act)
            return
        changing.write(effect, self.work, act, again=again)

    def apply(self, effect: Effect, act: Act) -> None:
        """Play one effect."""
        if isinstance(effect, ChangesDirectory):
            self.enter(effect, act)
        elif isinstance(effect, SetsMask):
            self.work.masks[act.command.subshells] = effect.mask if act.runs else None
        elif isinstance(effect, Opaque):
            self.opaque(effect, act)
        elif isinstance(effect, Finds):
            self.find(effect, act)
        else:
            player = _PLAYERS.get(type(effect))
            if player is not None:
                player(effect, self.work, act)

    def enter(self, effect: ChangesDirectory, act: Act) -> None:
        """`cd`: from now on in its shell."""
        work, command = self.work, act.command
        path, sure = work.path(effect.path, command) if effect.path else (work.state.home, True)
        real = None if path is None else work.real(path)
        if real is None or not work.is_folder(real):
            act.missed = True
        work.folders[command.subshells] = real, act.surely(real is not None and work.is_folder(real)) and sure

    def opaque(self, effect: Opaque, act: Act) -> None:
        """More may happen than is told, anywhere or below one path."""
        command = act.command
        if command.program in _CHANGES_FOLDER:
            self.work.folders[command.subshells] = None, False
            return
        scope: str | None = "/"
        if isinstance(effect.scope, Argument):
            scope = self.work.path(effect.scope, command)[0]
        elif effect.scope is not None:
            scope = self.work.literal(effect.scope, command)
        self.work.opaque(effect.reason, effect.span, scope if scope and not scope.startswith("**") else "/")

    def find(self, effect: Finds, act: Act) -> None:
        """`find -delete`, `find -exec`: on each path that it finds."""
        found = search(effect, self.work, act)
        command, place = act.command, effect.roots[0]
        if not found.complete or len(found.paths) > MOST_FOUND:
            self.work.opaque("find may find more than is known", command.span, self.scope(effect, act))
        paths = found.paths[:MOST_FOUND]
        if effect.act == "delete":
            self.delete([path for _, path in paths], place, act)
            return
        words = effect.program
        if not words or words[0].value is None:
            self.work.opaque("find runs a program that is not known", command.span)
            return
        program = words[0].value.rsplit("/", 1)[-1]
        at = next((i for i, word in enumerate(words) if word.text == "{}"), None)
        if at is None or any("{}" in word.text and word.text != "{}" for word in words):
            self.work.opaque(f"find runs {program}", command.span)
            return
        told = (*words[1:at], *as_arguments(paths, words[at]), *words[at + 1 :])
        inner = command.but(program=program, program_span=words[0].span, arguments=told, redirects=())
        for each in effects(inner) if paths else ():
            if isinstance(each, Writes):
                self.write(each, inner, act)
            elif not isinstance(each, Finds):
                self.apply(each, act)

    def scope(self, effect: Finds, act: Act) -> str:
        """The folder below which alone `find` can change anything; "/" when it runs what may do more."""
        reach = effect.act == "delete" or (effect.program and effect.program[0].text in ("rm", "chmod", "rmdir"))
        path = self.work.path(effect.roots[0], act.command)[0] if len(effect.roots) == 1 and reach else None
        return path or "/"

    def delete(self, paths: list[str], place: Argument, act: Act) -> None:
        """-delete takes away what is deeper first, and folders only when they are empty."""
        for path in reversed(paths):
            tree = self.work.filesystem(path).tree
            if not tree.is_folder(path) or tree.is_empty(path):
                removed = self.work.removed(path, place.span, act.runs, recursive=False)
                self.work.hide(path, removed)


_PLAYERS: dict[type, Callable[[Any, Workplace, Act], None]] = {
    Removes: changing.remove,
    Moves: carry,
    Copies: carry,
    Links: carry,
    MakesDirectory: changing.make_directory,
    Touches: changing.touch,
    Rewrites: changing.rewrite,
    Replaces: changing.replace,
    ChangesMode: changing.change_mode,
    ChangesOwner: changing.change_owner,
    Fills: changing.fill,
    Changes: changing.change_content,
    Clears: changing.clear,
    MakesHome: changing.make_home,
    Packs: pack,
    Unpacks: unpack,
}
