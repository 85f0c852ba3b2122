"""What a container starts with: the programs of ENTRYPOINT and CMD, and the files of the image that they are.

https://docs.docker.com/reference/dockerfile/#understand-how-cmd-and-entrypoint-interact
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dfguard.base.table import Base
from dfguard.context.tree import BuildContext
from dfguard.dockerfile.nodes import Cmd, Entrypoint, Instruction, Run
from dfguard.dockerfile.stages import Stage, StageGraph
from dfguard.errors import InputError
from dfguard.flow.events import Added, Attributes
from dfguard.flow.filesystem import StageFlow
from dfguard.flow.paths import join
from dfguard.flow.play import Flow
from dfguard.shell.commands import Command
from dfguard.shell.script import Script, read_exec_form
from dfguard.shell.wrappers import SHELLS
from dfguard.source import Span
from dfguard.struct import Struct

MAX_HEAD = 256 * 1024
"""How many bytes of a file are looked at."""

SEARCHED = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
"""The PATH that the builder gives to an image without one."""

_NOT_PLAIN = frozenset("$`*?[~\\%")
_OTHER_USER = frozenset(("sudo", "doas", "gosu", "su-exec", "su", "runuser", "setpriv", "chpst", "s6-setuidgid"))


class StartProgram(Struct):
    """A program that a container of a stage starts with.

    `span` is the word that names it, `word` what it says, `path` where that is in the image, links followed. `added`
    is the file there, None when no instruction is known to bring it; `attributes` are its, and `sure` tells whether
    all of this is certain. `reader` is the shell that is given the file (`sh /start.sh`), "" when the kernel runs it;
    `by_shell`: a shell starts it (shell form). `user` is who runs it, None when that is not known. `head` is the
    beginning of the content, None when it is not known. `passed`: it is the first word of a CMD, which the unknown
    entrypoint of the base image may take for something else. `scripts` are those of all RUNs of the image.
    """

    span: Span
    instruction: Instruction
    stage: Stage
    word: str
    path: str
    added: Added | None
    attributes: Attributes | None
    sure: bool
    reader: str
    by_shell: bool
    user: str | None
    head: bytes | None
    passed: bool
    scripts: tuple[Script, ...] = ()

    @property
    def shebang(self) -> str | None:
        """The first line behind `#!`, without the end of the line; None when there is none."""
        if self.head is None or not self.head.startswith(b"#!"):
            return None
        return self.head[2:].partition(b"\n")[0].decode("utf-8", "replace")


def start_programs(
    flow: Flow,
    graph: StageGraph,
    context: BuildContext | None,
    script: Callable[[Instruction], Script | None],
    run_script: Callable[[Run], Script],
    base: Callable[[Stage], Base],
) -> Iterator[StartProgram]:
    """Those of every stage that no other stage is FROM; none of Windows images.

    `script` reads a CMD or ENTRYPOINT, `run_script` a RUN.
    """
    parents = {stage.parent for stage in graph.stages}
    for played in flow.stages:
        if played.stage.index in parents or base(played.stage).family == "windows" or graph.dockerfile.escape == "`":
            continue
        instructions = graph.lineage(played.stage)
        scripts = tuple(run_script(run) for run in instructions if isinstance(run, Run))
        start = _Start(played, context, base(played.stage), scripts)
        for instruction, command, by_shell in _commands(instructions, script):
            yield from start.programs(instruction, command, by_shell)


def _commands(
    instructions: list[Instruction], script: Callable[[Instruction], Script | None]
) -> Iterator[tuple[Instruction, Command, bool]]:
    """The commands that a container starts with for sure, each with its instruction, and whether a shell runs it."""
    entry = next((i for i in reversed(instructions) if isinstance(i, Entrypoint)), None)
    cmd = next((i for i in reversed(instructions) if isinstance(i, Cmd)), None)
    if entry is not None and entry.exec_form is not None:
        behind = cmd.exec_form or () if cmd is not None and cmd.index > -1 else ()
        words = (*entry.exec_form, *behind)
        if words:
            for command in read_exec_form(entry.arguments, words).commands[:1]:
                at = cmd if cmd is not None and cmd.span.contains(command.program_span) else entry
                yield at, command, bool(SHELLS & set(command.wrappers))
        return
    start = entry or cmd
    read = script(start) if start is not None else None
    if start is None or read is None or not read.understood or read.gaps:
        return
    for command in read.commands:
        if command.depth or command.conditional or command.program in ("cd", "pushd", "chroot"):
            return
        yield start, command, start.exec_form is None or bool(SHELLS & set(command.wrappers))


class _Start:
    """One stage, as it is when a container starts."""

    def __init__(
        self, played: StageFlow, context: BuildContext | None, base: Base, scripts: tuple[Script, ...]
    ) -> None:
        self.played = played
        self.scripts = scripts
        self.context = context
        self.base = base
        self.user = played.user_name if played.user else base.user

    def programs(self, instruction: Instruction, command: Command, by_shell: bool) -> Iterator[StartProgram]:
        """The program of a command, or the script that a shell is given."""
        word = command.program_span.text.strip("\"'")
        if word.endswith(".wasm"):  # a runtime of its own runs it, and needs no mode and no PATH
            return
        if command.program in SHELLS:
            operand = command.operands[0] if command.operands and not command.has("-c") else None
            if operand is not None and operand.value and command.arguments[0] is operand:
                yield self.program(instruction, operand.span, operand.value, command, by_shell, command.program)
        if word and command.program:
            yield self.program(instruction, command.program_span, word, command, by_shell, "")

    def program(
        self, instruction: Instruction, span: Span, word: str, command: Command, by_shell: bool, reader: str
    ) -> StartProgram:
        """What is known of the file that a word names."""
        tree = self.played.tree
        path = self.found(word, reader) if not _NOT_PLAIN & set(word) else ""
        added = tree.files.get(path)
        return StartProgram(
            span,
            instruction,
            self.played.stage,
            word,
            path,
            added,
            tree.attributes(path) if added is not None else None,
            added is not None and path in tree.sure,
            reader,
            by_shell,
            None if _OTHER_USER & set(command.wrappers) else self.user,
            self.head(added) if added is not None and path not in tree.rewritten else None,
            isinstance(instruction, Cmd) and not self.base.known,
            self.scripts,
        )

    def found(self, word: str, reader: str) -> str:
        """The path of a word: as it is written, from the working directory, or by a search."""
        tree = self.played.tree
        if "/" in word or reader:
            return tree.real(join(self.played.workdir, word))
        paths = (tree.real(f"{folder}/{word}") for folder in SEARCHED)
        return next((path for path in paths if path in tree.files), "")

    def head(self, added: Added) -> bytes | None:
        """The beginning of a file; None when it is not known."""
        origin = added.origin
        if origin.text is not None:
            return origin.text.encode("utf-8", "surrogateescape")[:MAX_HEAD]
        if origin.file is None or origin.member or origin.file.kind != "file" or self.context is None:
            return None
        try:
            return self.context.head(origin.file.path, MAX_HEAD)
        except InputError:
            return None
