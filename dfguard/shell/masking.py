"""From the text of a RUN to the text that the shell gets, and to a mask of it that the grammar can read.

BuildKit, before any shell: joins lines at the escape character, drops comment and blank lines inside,
cuts the escape character at the end of the file, and makes a bare here-document the script itself
(moby/buildkit, frontend/dockerfile/parser/parser.go and dockerfile2llb/convert.go: dispatchRun).
The mask has the length of the text and differs from it where tree-sitter-bash has no rule.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from dfguard.regex import regex
from dfguard.shell.heredocs import Body, body_of, lift
from dfguard.shell.shelltext import ShellText

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dfguard.dockerfile.nodes import Heredoc
    from dfguard.source import Span


_COMMAND_STARTS = regex(r"(?:^|[;&|(\n])[ \t]*\Z")
_COMMAND_COMES = regex(r"(?:^|[;&|({\n]|(?:^|(?<=[\s;]))(?:then|do|else|if|elif|while|until))[ \t]*\Z")
_COMMAND_ENDS = regex(r"[ \t]*(?:\Z|[;&|)\n])")

_CMDLET_VERBS = (
    *("Add", "Clear", "Compress", "Copy", "Disable", "Enable", "Expand", "Get", "Import", "Install", "Invoke", "Move"),
    *("New", "Out", "Register", "Remove", "Rename", "Set", "Start", "Stop", "Test", "Update", "Wait", "Write"),
)
_WINDOWS_PROGRAMS = ("powershell", "setx", "msiexec", "mklink", "choco", "icacls", "dism")
# One of these is in every text that the pattern of Windows commands finds; it takes a millisecond to compile.
_WINDOWS_HINTS = (
    *("$env:", "$erroractionpreference", "$progresspreference", ":\\", "c:/", "d:/", "e:/", "f:/", "cmd"),
    *_WINDOWS_PROGRAMS,
    *(f"{verb.lower()}-" for verb in _CMDLET_VERBS),
)


class Readable:
    """A script ready for the grammar: its text, the mask to parse, here-documents by position of their `<<`.

    `bare` is true for the body of a bare here-document, which may name its own interpreter.
    """

    __slots__ = ("bare", "bodies", "mask", "text")

    def __init__(self, text: ShellText, bodies: dict[int, Body], bare: bool = False) -> None:
        self.text = text
        self.bodies = bodies
        self.bare = bare
        self.mask = mask(text.text, bodies)


def logical_line(span: Span, escape: str) -> ShellText:
    """The arguments of an instruction joined to one line, as BuildKit hands them to the shell."""
    source = span.source
    if "\n" not in span.text and not span.text.endswith((escape, "\r", " ", "\t")):
        return ShellText(source, [(span.start, span.end)])
    continuation = re.compile(rf"(?:^|(?<=[^{re.escape(escape)}])){re.escape(escape)}[ \t]*$")
    pieces = []
    at = span.start
    lines = span.text.split("\n")
    inside = not source.text[source.text.rfind("\n", 0, at) + 1 : at].strip()
    for number, line in enumerate(lines):
        bare = line.rstrip("\r")
        left_out = (number or inside) and (not bare.strip() or bare.lstrip().startswith("#"))
        found = None if left_out else continuation.search(bare)
        if not left_out:
            pieces.append((at, at + (found.start() if found else len(bare))))
        at += len(line) + 1
        if not found and not left_out and at <= span.end:
            pieces.append((at - 1, at))
    return ShellText(source, pieces or [(span.start, span.start)])


def docker_script(span: Span, escape: str, heredocs: tuple[Heredoc, ...]) -> Readable:
    """The script of a RUN: its logical line, or the body when the line is a bare here-document."""
    line = logical_line(span, escape)
    if len(heredocs) == 1 and line.text.strip() == heredocs[0].opener.text.strip():
        return script(body_of(heredocs[0]).text, bare=True)
    bodies = {}
    for heredoc in heredocs:
        opener = line.position(heredoc.opener.start)
        bodies[line.text.find("<<", opener)] = body_of(heredoc)
    return Readable(line, bodies)


def script(text: ShellText, *, bare: bool = False) -> Readable:
    """A script of several lines, with its own here-documents."""
    return Readable(*lift(text), bare)


@lru_cache(maxsize=1)
def _tokens() -> re.Pattern[str]:
    """What has a meaning of its own outside of quotes; quoted text, comments and escapes match without a name."""
    return re.compile(
        r"""(?<![^\s;&|()])\#[^\n]* | \\. | '[^']*' | "(?:[^"\\]|\\.)*"
        | (?P<not>!(?=[ \t\n]+(?:\{|if|while|until|for|case)[ \t\n]))
        | (?P<string><<<) | (?P<here><<-?[ \t]*(?:'[^'\n]*'|"[^"\n]*"|[^\s<>;&|()'"`]*)) | (?P<both><>)
        | (?P<note>`[ \t]*\#[^`\n]*`)""",
        re.DOTALL | re.VERBOSE,
    )


def mask(text: str, heredocs: Iterable[int] = ()) -> str:
    """The text for the grammar: `heredocs` (positions of `<<`), `<<<`, `<>` become `<`, notes vanish.

    So does `!` in front of a compound command, where the grammar takes `{` and `if` for programs.
    """
    if not any(sign in text for sign in ("<<", "<>", "`", "!")):
        return text
    parts = []
    at = 0
    for token in _tokens().finditer(text):
        kind = token.lastgroup
        if kind is None or (kind == "here" and token.start() not in heredocs):
            continue
        if kind == "not" and not _COMMAND_COMES.search(text[max(0, token.start() - 200) : token.start()]):
            continue
        parts += [text[at : token.start()], _stand_in(text, token)]
        at = token.end()
    return "".join([*parts, text[at:]])


def _stand_in(text: str, token: re.Match[str]) -> str:
    length = token.end() - token.start()
    if token["here"]:
        return "<".ljust(length, "_")
    if token["not"]:
        return " "
    if token["note"]:
        return _empty_command(text, token).ljust(length)
    return "<".ljust(length)


def _empty_command(text: str, note: re.Match[str]) -> str:
    """`:` where the note is a whole command, nothing where it is a word of one."""
    before = _COMMAND_STARTS.search(text[max(0, note.start() - 200) : note.start()])
    behind = _COMMAND_ENDS.match(text, note.end())
    return ":" if before and behind else ""


@lru_cache(maxsize=1)
def _template() -> re.Pattern[str]:
    return re.compile(r"\{\{[-~#^/!%]?(?:\s|[\w.$]*(?:[(\[|]|\}\}))|\{%[-+\s]")


@lru_cache(maxsize=1)
def _windows() -> re.Pattern[str]:
    verbs, programs = "|".join(_CMDLET_VERBS), "|".join(_WINDOWS_PROGRAMS)
    return re.compile(
        rf"""\$env:\w | \$(?:ErrorActionPreference|ProgressPreference)\b
        | (?:^|(?<=[\s"'=]))(?:[C-F]|c):[\\/](?=[\w"%$]|$)
        | (?:^|[;&|({{\n])[ \t]*(?:(?:{verbs})-[A-Z][A-Za-z]+(?![\w./-])
            | (?i:@?(?:{programs})(?:\.exe)?|cmd(?:\.exe)?\s+/[a-z])(?=\s|$))""",
        re.VERBOSE,
    )


def why_not_shell(text: str) -> str:
    """Why a text is no POSIX shell script ("" when it may be one): template marks or Windows commands in it."""
    if "{{" in text or "{%" in text:
        unquoted = _tokens().sub(lambda token: _blank(token, "'#\""), text)
        if _template().search(unquoted):
            return "it holds template marks, so it is no Dockerfile yet"
    lowered = text.lower()
    hinted = any(hint in lowered for hint in _WINDOWS_HINTS)
    if hinted and _windows().search(text) and _windows().search(_tokens().sub(lambda token: _blank(token, "'#"), text)):
        return "it is written for Windows"
    return ""


def _blank(token: re.Match[str], quotes: str) -> str:
    return "q" * len(token[0]) if token[0][0] in quotes else token[0]
