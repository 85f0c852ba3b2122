"""What BuildKit refuses of a single instruction, or takes otherwise than it looks.

https://github.com/moby/buildkit/blob/master/frontend/dockerfile/instructions/parse.go. A trigger
behind ONBUILD is looked at only when an image is built FROM this one, so most of what is wrong with
it does not stop this build.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from dfguard.dockerfile import jsonform, nodes
from dfguard.dockerfile.build import KEYWORDS, Parts, health_command
from dfguard.dockerfile.flagchecks import flag_problems
from dfguard.dockerfile.lines import SPACE, Range
from dfguard.dockerfile.nodes import Instruction, Problem
from dfguard.dockerfile.spelling import nearest
from dfguard.regex import regex
from dfguard.struct import Struct

_STAGE_NAME = regex(r"[a-z][a-z0-9-_.]*")
_QUOTED_FIRST = regex(r"""\[\s*(?:"[^"]*"|'[^']*')\s*[,\]]""")


class Surroundings(Struct):
    """`foreign`: a frontend other than Docker's reads the file. `before` is the instruction above."""

    foreign: bool
    before: Instruction | None


def instruction_problems(parts: Parts, node: Instruction, around: Surroundings) -> Iterator[Problem]:
    """The problems of one instruction."""
    yield from flag_problems(node, around.foreign)
    yield from _json_problems(parts, node)
    if isinstance(node, nodes.Unknown):
        yield from _unknown(parts, node, around)
    check = _CHECKS.get(type(node))
    if check:
        yield from check(parts, node)


def _missing(parts: Parts, message: str, refused: bool = True) -> Problem:
    return Problem(parts.line.span(*parts.command.keyword), "missing-arguments", message, refused)


def _shown(text: str) -> str:
    """A piece of the file for a message: short, and on one line."""
    return text if len(text) <= 40 else text[:37] + "..."


def _unknown(parts: Parts, node: Instruction, around: Surroundings) -> Iterator[Problem]:
    """The first of several unknown instructions in a row speaks for all: they mostly are lines of one command."""
    keyword = parts.text[slice(*parts.command.keyword)]
    refused = not parts.onbuild
    if not keyword:
        message = "a continuation character with no instruction behind it"
        yield Problem(node.span, "unknown-instruction", message, refused)
    elif not isinstance(around.before, nodes.Unknown):
        near = nearest(keyword, KEYWORDS)
        hint = f": did you mean {near}?" if near else _continuation_hint(node, around.before)
        message = f"unknown instruction {_shown(keyword)}{hint}"
        yield Problem(node.keyword, "unknown-instruction", message, refused and not around.foreign, near)


def _continuation_hint(node: Instruction, before: Instruction | None) -> str:
    if before is None or before.heredocs or before.end_line + 1 != node.start_line:
        return ""
    return f": if it belongs to the {before.name} above, a continuation character is missing at the end of that line"


def _json_place(parts: Parts, node: Instruction) -> Range | None:
    """Where an instruction may hold a JSON form."""
    if isinstance(node, nodes.Healthcheck):
        return health_command(parts.text, parts.command.arguments)[1]
    forms = (nodes.Run, nodes.Cmd, nodes.Entrypoint, nodes.Shell, nodes.Copy, nodes.Add, nodes.Volume)
    return parts.command.arguments if isinstance(node, forms) else None


def _json_problems(parts: Parts, node: Instruction) -> Iterator[Problem]:
    place = _json_place(parts, node) if node.exec_form is None else None
    if place is None or not parts.text.startswith("[", *place):
        return
    try:
        jsonform.read_array(parts.text, *place)
    except jsonform.NotStrings as error:
        message = f"the JSON form of {node.name} may hold strings in double quotes only"
        yield Problem(parts.line.span(error.start, error.end), "bad-json", message, True)
    except jsonform.NotJson as error:
        if isinstance(node, nodes.Run) and not _QUOTED_FIRST.match(parts.text, *place):
            return  # `RUN [ -f x ] && ...` is the shell's test command
        kind = "words" if isinstance(node, (nodes.Copy, nodes.Add, nodes.Volume)) else "shell text"
        message = f"the JSON form of {node.name} is broken, so BuildKit takes it as {kind}: {error.reason}"
        at = min(error.at, place[1] - 1)
        yield Problem(parts.line.span(at, at + 1), "bad-json", message, False)


def _check_from(parts: Parts, node: nodes.From) -> Iterator[Problem]:
    words, refused = parts.words(), not parts.onbuild
    if not words:
        yield _missing(parts, "FROM needs an image: FROM image[:tag] [AS name]", refused)
    elif len(words) != 1 and not (len(words) == 3 and node.alias):
        message = "FROM takes an image, or an image AS a name"
        yield Problem(parts.line.span(*parts.command.arguments), "bad-arguments", message, refused)
    elif node.alias and not _STAGE_NAME.fullmatch(node.alias.raw.lower()):
        message = f"{_shown(node.alias.raw)} can't name a stage: a letter, then letters, digits, -, _ and . only"
        yield Problem(node.alias.span, "bad-arguments", message, refused)


def _check_copy(parts: Parts, node: nodes.Copy | nodes.Add) -> Iterator[Problem]:
    if node.destination is None:
        message = f"{node.name} needs a source and a destination"
        yield _missing(parts, message, not parts.onbuild)
    elif _opens_heredoc(node.destination.raw):
        message = f"the destination of {node.name} can't be a heredoc"
        yield Problem(node.destination.span, "bad-arguments", message, not parts.onbuild)


def _opens_heredoc(raw: str) -> bool:
    from dfguard.dockerfile.copysources import heredoc_name

    return heredoc_name(raw) is not None


def _check_pairs(parts: Parts, node: nodes.Env | nodes.Label) -> Iterator[Problem]:
    """ENV and LABEL; a pair without a value stops the parser itself, behind ONBUILD too."""
    if not node.pairs:
        yield _missing(parts, f"{node.name} needs a KEY=value", not parts.onbuild)
    for pair in node.pairs:
        if pair.value is None:
            message = f"{_shown(pair.name)} lacks a value" if pair.legacy else "a word without ="
            hint = f"{node.name} takes KEY=value ..., and quotes around a value with blanks"
            yield Problem(pair.span, "bad-arguments", f"{message}: {hint}", True)
            return
        if not pair.name:
            yield Problem(pair.span, "bad-arguments", f"{node.name} has a value without a key", not parts.onbuild)


def _check_arg(parts: Parts, node: nodes.Arg) -> Iterator[Problem]:
    if not node.pairs:
        yield _missing(parts, "ARG needs a name: ARG NAME[=default]", not parts.onbuild)
    for pair in node.pairs:
        if not pair.name:
            yield Problem(pair.span, "bad-arguments", "ARG has a default without a name", not parts.onbuild)


def _check_health(parts: Parts, node: nodes.Healthcheck) -> Iterator[Problem]:
    refused = not parts.onbuild
    kind, rest = health_command(parts.text, parts.command.arguments)
    name = parts.text[slice(*kind)].upper()
    if not name:
        yield _missing(parts, "HEALTHCHECK needs CMD and a command, or NONE", refused)
    elif name == "NONE":
        if rest[0] < rest[1]:
            yield Problem(parts.line.span(*rest), "bad-arguments", "HEALTHCHECK NONE takes no arguments", refused)
    elif name != "CMD":
        message = f"HEALTHCHECK is followed by CMD or NONE, not by {_shown(name)}"
        yield Problem(parts.line.span(*kind), "bad-arguments", message, refused)
    elif rest[0] == rest[1] or node.exec_form == ():
        yield _missing(parts, "HEALTHCHECK CMD needs a command", refused)


def _check_shell(parts: Parts, node: nodes.Shell) -> Iterator[Problem]:
    refused = not parts.onbuild
    start, end = parts.command.arguments
    if start == end or node.exec_form == ():
        yield _missing(parts, 'SHELL needs a program: SHELL ["program", "argument"]', refused)
    elif node.exec_form is None:
        message = 'SHELL takes the JSON form only: SHELL ["program", "argument"]'
        yield Problem(parts.line.span(start, end), "bad-arguments", message, refused)


def _check_volume(parts: Parts, node: nodes.Volume) -> Iterator[Problem]:
    if not node.paths:
        yield _missing(parts, "VOLUME needs a path", not parts.onbuild)
    for path in node.paths:
        if not path.raw.strip(SPACE):
            yield Problem(path.span, "bad-arguments", "VOLUME has an empty path", not parts.onbuild)


def _check_argument(wanted: str) -> Callable[[Parts, Any], Iterator[Problem]]:
    def check(parts: Parts, node: Instruction) -> Iterator[Problem]:
        start, end = parts.command.arguments
        if start == end:
            yield _missing(parts, f"{node.name} needs {wanted}", not parts.onbuild)

    return check


def _check_run(parts: Parts, node: nodes.Run) -> Iterator[Problem]:
    start, end = parts.command.arguments
    if start == end:
        yield _missing(parts, "RUN has no command", False)


def _check_onbuild(parts: Parts, node: nodes.Onbuild) -> Iterator[Problem]:
    start, end = parts.command.arguments
    if start == end:
        yield _missing(parts, "ONBUILD needs an instruction", not parts.onbuild)
    elif isinstance(node.trigger, (nodes.Onbuild, nodes.From, nodes.Maintainer)):
        message = f"{node.trigger.name} is not allowed behind ONBUILD"
        yield Problem(node.trigger.keyword, "bad-arguments", message, True)


_CHECKS: dict[type[Instruction], Callable[[Parts, Any], Iterator[Problem]]] = {
    nodes.Add: _check_copy,
    nodes.Arg: _check_arg,
    nodes.Copy: _check_copy,
    nodes.Env: _check_pairs,
    nodes.Expose: _check_argument("a port: EXPOSE 8080/tcp"),
    nodes.From: _check_from,
    nodes.Healthcheck: _check_health,
    nodes.Label: _check_pairs,
    nodes.Maintainer: _check_argument("a name"),
    nodes.Onbuild: _check_onbuild,
    nodes.Run: _check_run,
    nodes.Shell: _check_shell,
    nodes.Stopsignal: _check_argument("a signal: STOPSIGNAL SIGTERM"),
    nodes.User: _check_argument("a user: USER name[:group]"),
    nodes.Volume: _check_volume,
    nodes.Workdir: _check_argument("a path"),
}
