"""Which words that a script writes to, keeps or prints hold the value of a tracked variable or file.

The commands are gone through in order; what a variable, a pipe or `$(...)` carries is a Taint. Nothing is
run: a program that is not known here takes a value in and gives nothing back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import normpath

from dfguard.flow.paths import join
from dfguard.regex import regex
from dfguard.shell.commands import Command, Redirect
from dfguard.shell.script import INTERPRETERS, Script
from dfguard.shell.settings import setting_of
from dfguard.source import Span
from dfguard.struct import Struct

Taint = Mapping[int, bool]
"""The numbers of the values that a text holds; true where it holds all of a value as it is, for sure."""

CLEAN: Taint = {}
REDIRECT, COPY, SETTING, EDIT = "redirect", "copy", "setting", "edit"

_TOKEN = regex(
    r"\\.|\$\(\s*(?:<|cat\s)\s*(?P<read>[^\s)|;&<>]+)\s*\)|\$\((?!\()|\$\{(?P<plain>[A-Za-z_]\w*)\}"
    r"|\$\{(?P<name>[A-Za-z_]\w*)(?P<operator>:?[-=?+]|[#%/:^,])|\$(?P<bare>[A-Za-z_]\w*)|['\"`()}]",
    re.ASCII | re.DOTALL,
)
_NAMES = regex(r"\$\{?([A-Za-z_]\w*)", re.ASCII)
_DECLARES = ("", "export", "declare", "typeset", "local", "readonly")
_PRINTS = ("echo", "printf")
_FILTERS = frozenset(
    "awk base64 cat cut envsubst fold gawk grep head jq nl od paste rev sed sort strings tac tail tr uniq xxd"
    " yq".split()
)
_BY_ARGUMENTS = frozenset("awk envsubst gawk jq sed yq".split())  # what their arguments hold may come out, too
_SILENT = {"sed": ("-i", "--in-place"), "grep": ("-q", "--quiet", "--silent", "-c", "--count", "-l")}
_COPIERS = ("cp", "install", "rsync")
_TO_FILE = (">", ">>", ">|", "&>", "&>>", ">&")


class Written(Struct):
    """A script puts a value into a file. `place` is the word that names it, or the program that knows where.

    `path` is absolute, None when it is not known; `way` is how it is written: REDIRECT (`tee` too), COPY,
    SETTING (`git config`) or EDIT (`sed -i`). `followed`: the text alone tells the path, so that the flow
    follows the file, too.
    """

    place: Span
    path: str | None
    command: Command
    taint: Taint
    way: str
    followed: bool


class Shown(Struct):
    """A command's output goes to the log of the build, or `set -x` prints its words there (`traced`)."""

    place: Span
    command: Command
    taint: Taint
    traced: bool


def joined(*taints: Taint) -> Taint:
    """All values of several taints; certain where one of them is."""
    found: dict[int, bool] = {}
    for taint in taints:
        for number, sure in taint.items():
            found[number] = found.get(number, False) or sure
    return found


def unsure(taint: Taint) -> Taint:
    """The same values, none of them certain."""
    return dict.fromkeys(taint, False)


class ScriptTaint:
    """One script, gone through. `variables` and `files` are what it starts with, by name and by absolute path."""

    def __init__(
        self, script: Script, variables: Mapping[str, Taint], files: Mapping[str, Taint], workdir: str, home: str
    ) -> None:
        self.script = script
        self.files = dict(files)
        self.home = home
        self.written: list[Written] = []
        self.shown: list[Shown] = []
        self.folders: dict[tuple[int, ...], str | None] = {(): workdir}
        self.variables: dict[tuple[int, ...], dict[str, Taint]] = {(): dict(variables)}
        self.exported = set(variables)
        self.made: dict[str, Taint] = {}  # files that this script itself wrote
        self._loose: list[tuple[Command, Taint]] = []  # output that nothing took up to here
        self._pipes: dict[int, Taint] = {}
        self._last_reader: dict[int, int] = {}
        for at, command in enumerate(script.commands):
            if command.operator == "|":
                self._last_reader[command.pipeline] = at
        for at, command in enumerate(script.commands):
            self._take(at, command)
        self.shown += (Shown(command.span, command, taint, False) for command, taint in self._loose)

    # -- words

    def word(self, span: Span, command: Command, *, quotes: bool = True) -> Taint:
        """What a word holds once its variables and substitutions are replaced."""
        text = span.text
        if "$" not in text and "`" not in text:
            return CLEAN
        if not self.script.interpreter and INTERPRETERS.isdisjoint(command.wrappers):
            return CLEAN  # exec form: no shell reads it
        found = [self._used(*use, command) for use in uses(text, quotes=quotes)]
        found.append(self._substituted(span))
        return joined(*found)

    def _used(self, name: str, sure: bool, command: Command) -> Taint:
        if name[0] == "<":
            return self._read(name[1:], command)
        taint = self._variable(name, command.subshells)
        return taint if sure else unsure(taint)

    def _variable(self, name: str, shell: tuple[int, ...]) -> Taint:
        while shell and name not in self.variables.get(shell, {}):
            shell = shell[:-1]
        return self.variables.get(shell, {}).get(name, CLEAN)

    def _substituted(self, span: Span) -> Taint:
        """The output of the commands inside a word, which the word takes up."""
        taken: list[tuple[Command, Taint]] = []
        kept: list[tuple[Command, Taint]] = []
        while self._loose and self._loose[-1][0].span.start >= span.start:
            command, taint = self._loose.pop()
            (taken if command.span.end <= span.end else kept).append((command, taint))
        self._loose += reversed(kept)
        return joined(*(taint for _, taint in taken))

    def _read(self, path: str, command: Command) -> Taint:
        """What the file at a path holds, the path as a shell reads it."""
        place = self.resolve(path, command)
        if place is None:
            return CLEAN
        return self.files.get(place, CLEAN)

    def resolve(self, path: str | None, command: Command) -> str | None:
        """The absolute path that a word names where a command runs; None when it is not known."""
        if not path:
            return None
        if "$" in path:
            path = path.replace('"', "").replace("'", "")
        for written in ("~/", "$HOME/", "${HOME}/"):
            if path.startswith(written):
                return normpath(f"{self.home}/{path[len(written) :]}") if self.home else None
        if "$" in path or "`" in path:
            return None
        folder = self._folder(command)
        return join(folder, path) if folder is not None or path.startswith("/") else None

    def _folder(self, command: Command) -> str:
        shell = command.subshells
        while shell not in self.folders:
            shell = shell[:-1]
        return self.folders[shell] or "**"

    # -- commands

    def _take(self, at: int, command: Command) -> None:
        arguments = [self.word(argument.span, command) for argument in reversed(command.arguments)][::-1]
        given = self._assign(command, arguments)
        stdin = self._stdin(command)
        if command.program in ("cd", "pushd"):
            self._enter(command)
        if command.state.xtrace and not command.function:
            traced = joined(*arguments, *given.values())
            if any(traced.values()):
                self.shown.append(Shown(command.span, command, traced, True))
        if "xargs" in command.wrappers:
            arguments = [*arguments, unsure(stdin)]
        self._keep(command, arguments, stdin)
        output = self._output(command, arguments, stdin)
        if output:
            self._send(at, command, output)

    def _assign(self, command: Command, arguments: list[Taint]) -> dict[str, Taint]:
        """Take in assignments; what they set is returned."""
        given = {}
        for assignment in command.assignments:
            at = next((i for i, a in enumerate(command.arguments) if a.span.contains(assignment.span)), None)
            if at is not None:
                taint = arguments[at]
            else:
                taint = self.word(assignment.value.span, command) if assignment.value else CLEAN
            if assignment.append:
                taint = joined(taint, self._variable(assignment.name, command.subshells))
            given[assignment.name] = taint
        if command.program in _DECLARES:
            self.variables.setdefault(command.subshells, {}).update(given)
        if command.program == "export":
            self.exported.update(argument.text.partition("=")[0] for argument in command.arguments)
        if command.program == "unset":
            self.variables.setdefault(command.subshells, {}).update((a.text, CLEAN) for a in command.arguments)
        return given

    def _stdin(self, command: Command) -> Taint:
        """What a command is fed; `read` puts it into its variables."""
        fed = self._pipes.pop(command.pipeline, CLEAN) if command.operator == "|" else CLEAN
        for redirect in command.redirects:
            if redirect.body is not None:
                quoted = any(sign in redirect.span.text.partition("\n")[0] for sign in "'\"\\")
                fed = CLEAN if quoted else self.word(redirect.body, command, quotes=False)
            elif redirect.target is not None and redirect.operator == "<<<":
                fed = self.word(redirect.target.span, command)
            elif redirect.target is not None and redirect.operator == "<":
                fed = self._read(redirect.target.text, command)
        if command.program == "read":
            names = [argument.text for argument in command.arguments if not argument.text.startswith("-")]
            self.variables.setdefault(command.subshells, {}).update((name, fed) for name in names)
        return fed

    def _enter(self, command: Command) -> None:
        target = command.operands[0] if command.operands else None
        self.folders[command.subshells] = self.resolve(target.value if target else None, command)

    def _keep(self, command: Command, arguments: list[Taint], stdin: Taint) -> None:
        """Files that a command writes by itself."""
        setting = setting_of(command)
        if setting is not None and setting.undone:
            path = self.resolve(setting.path, command)
            self.written = [w for w in self.written if w.way != SETTING or w.path != path]
        elif setting is not None:
            told = {id(argument) for argument in setting.arguments}
            taints = [t for a, t in zip(command.arguments, arguments, strict=False) if id(a) in told]
            taint = joined(*taints, unsure(stdin) if setting.reads_stdin else CLEAN)
            self._write(
                command.program_span, setting.path, command, taint if setting.certain else unsure(taint), SETTING
            )
        elif command.program == "tee":
            for operand in command.operands:
                self._write(operand.span, operand.value or operand.raw, command, stdin, REDIRECT)
        elif command.program in _COPIERS and len(command.operands) > 1:
            self._copy(command)
        elif command.program == "sed" and command.has(*_SILENT["sed"]):
            edited = unsure(joined(*arguments))
            for operand in command.operands[0 if command.has("-e", "--expression") else 1 :]:
                self._write(operand.span, operand.value or operand.raw, command, edited, EDIT)
        elif command.program == "dd":
            self._dd(command, stdin)

    def _copy(self, command: Command) -> None:
        *sources, target = command.operands
        to = target.value or target.raw
        self._write(target.span, to, command, joined(*(self._read(each.text, command) for each in sources)), COPY)
        for source in sources:
            folder = self.resolve(source.text, command)
            inside = [path for path in self.files if folder and path.startswith(folder.rstrip("/") + "/")]
            for path in inside:
                rest = path[len(folder.rstrip("/")) :] if folder else ""
                self._write(target.span, to.rstrip("/") + rest, command, unsure(self.files[path]), COPY, known=False)

    def _dd(self, command: Command, stdin: Taint) -> None:
        words = dict(argument.text.split("=", 1) for argument in command.arguments if "=" in argument.text)
        taint = self._read(words["if"], command) if "if" in words else stdin
        place = next((argument for argument in command.arguments if argument.text.startswith("of=")), None)
        if place is not None:
            self._write(place.span, words["of"], command, taint, COPY, known=False)

    def _output(self, command: Command, arguments: list[Taint], stdin: Taint) -> Taint:
        """What a command prints, as far as it comes from what is tracked."""
        program = command.program
        if program in _PRINTS:
            return joined(*arguments)
        if program in _FILTERS and not command.has(*_SILENT.get(program, ())):
            read = [stdin, *(self._read(operand.text, command) for operand in command.operands)]
            if program == "envsubst":  # which variables a template names is not known, but for those of its argument
                named = {name for operand in command.operands for name in _NAMES.findall(operand.text)}
                read += (unsure(self._variable(name, command.subshells)) for name in sorted(named & self.exported))
            if program in _BY_ARGUMENTS:
                read += map(unsure, arguments)
            whole = program in ("cat", "envsubst")
            return joined(*read) if whole else unsure(joined(*read))
        if program == "printenv" and command.operands:
            return joined(*(self._variable(operand.text, command.subshells) for operand in command.operands))
        if program in ("printenv", "env") and not command.operands:
            return joined(*(self._variable(name, command.subshells) for name in sorted(self.exported)))
        return stdin if program == "tee" else CLEAN

    # -- where output goes

    def _send(self, at: int, command: Command, output: Taint) -> None:
        redirect = next(self._redirects(command), None)
        if redirect is not None and redirect.target is not None:
            target = redirect.target
            if (redirect.operator == ">&" and target.text.isdigit()) or target.text in ("/dev/stdout", "/dev/stderr"):
                self.shown.append(Shown(command.span, command, output, False))
            else:
                self._write(target.span, target.value or target.raw, command, output, REDIRECT)
        elif at < self._last_reader.get(command.pipeline, -1):
            self._pipes[command.pipeline] = joined(self._pipes.get(command.pipeline, CLEAN), output)
        else:
            self._loose.append((command, output))

    def _redirects(self, command: Command) -> Iterator[Redirect]:
        """Where standard output is sent, the command's own redirection before one around it."""
        found = [r for r in command.redirects if r.operator in _TO_FILE and r.descriptor in (None, 1) and r.target]
        statement = command.statement or command.span
        yield from reversed([r for r in found if statement.contains(r.span)])
        yield from (r for r in found if not statement.contains(r.span))

    def _write(self, place: Span, path: str, command: Command, taint: Taint, way: str, *, known: bool = True) -> None:
        """Note a written file; `known`: the flow knows what it is made of, too."""
        if not taint or path.startswith(("/dev/", "/proc/")):
            return
        where = self.resolve(path, command)
        if where is not None:
            self.files[where] = self.made[where] = taint
        followed = known and "$" not in path and "`" not in path
        self.written.append(Written(place, where, command, taint, way, followed))


def uses(text: str, *, quotes: bool = True) -> Iterator[tuple[str, bool]]:
    """The variables whose value stands in a word of a shell, and whether all of it surely does.

    `<path` is the content of a file, from `$(< path)` and `$(cat path)`. Variables inside of other `$(...)` and
    of backticks belong to the commands there. `quotes=False` is for here-documents, where quotes are
    characters like others.
    """
    around = [False]  # for each `$(`: whether double quotes are open
    braces = at = 0
    ticks = False
    while match := _TOKEN.search(text, at):
        token, at = match[0], match.end()
        name = match["plain"] or match["bare"] or match["name"]
        if match["read"]:
            yield "<" + match["read"], True
        elif name:
            operator = match["operator"] or ""
            braces += bool(operator)
            if len(around) == 1 and not ticks and not operator.endswith("+"):
                yield name, (not operator or operator[-1] in "-=?") and braces == bool(operator)
        elif token == '"' and quotes:
            around[-1] = not around[-1]
        elif token == "'" and quotes and not around[-1]:
            close = text.find("'", at)
            at = len(text) if close < 0 else close + 1
        elif token in ("$(", "("):
            if token == "$(" or len(around) > 1:
                around.append(False)
        elif token == ")" and len(around) > 1:
            around.pop()
        elif token == "}" and braces:
            braces -= 1
        elif token == "`":
            ticks = not ticks
