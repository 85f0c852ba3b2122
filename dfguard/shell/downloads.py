"""Downloads that a script hands to an interpreter, by a pipe or a substitution."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from dfguard.regex import regex
from dfguard.shell.commands import Command
from dfguard.shell.pipelines import Pipeline, pipelines
from dfguard.shell.script import Script
from dfguard.shell.wrappers import SHELLS
from dfguard.source import Span
from dfguard.struct import Struct

# Options that carry the program themselves, so that the input is only data.
_CODE_OPTIONS = {
    "python": "cm",
    "pypy": "cm",
    "perl": "eEnpc",
    "ruby": "enpc",
    "node": "epc",
    "php": "rRBEFf",
    "lua": "e",
}
_CHECKERS = frozenset("gpg gpgv gpg2 openssl cosign minisign signify".split())
_LOCAL = regex(r"(?:[a-z]+://)?(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)(?:[:/]|\Z)|file:", re.I)
_TO_OUTPUT = regex(r"\s(?:-[A-Za-z]*O|--output-document(?:=|\s))\s*(?:-|/dev/stdout)(?=\s)")


MAX_SUBSTITUTED = 200  # downloads of a script; each is looked for among all its commands


class RunDownload(Struct):
    """A `download` (curl, wget) whose output an interpreter runs unchecked; `span` is all that does it."""

    download: Command
    span: Span


def run_downloads(script: Script) -> Iterator[RunDownload]:
    """`curl ... | sh`, `bash <(curl ...)`, `eval "$(curl ...)"` and their like; not through a check of signatures."""
    for pipe in pipelines(script):
        yield from _piped(pipe)
    substituted = (command for command in script.commands if command.subshells and _downloads(command))
    for download in islice(substituted, MAX_SUBSTITUTED):
        runner = _runner_of(download, script)
        if runner is not None and not any(command.program in _CHECKERS for command in script.pipeline(download)):
            yield RunDownload(download, runner.statement or runner.span)


def _piped(pipe: Pipeline) -> Iterator[RunDownload]:
    """A download, and the first part behind it that runs its input."""
    download: Command | None = None
    for part in pipe.parts:
        runner = next((command for command in part if _runs_input(command)), None)
        if download is not None and runner is not None:
            yield RunDownload(download, (download.statement or download.span).to(runner.span))
            return
        if any(command.program in _CHECKERS for command in part):
            return
        download = next((command for command in part if _downloads(command)), download)


def address_of(download: Command) -> str:
    """The address that is fetched; "" when it is not written there."""
    texts = [argument.text.strip("\"'") for argument in download.arguments]
    remote = (text for text in texts if "://" in text and not text.startswith("-"))
    return next(remote, next((text for text in texts if "." in text and not text.startswith("-")), ""))


def _downloads(command: Command) -> bool:
    """Whether a command writes what it fetches to its output."""
    if command.program not in ("curl", "wget", "http", "https") or _LOCAL.match(address_of(command)):
        return False
    if any(redirect.operator.startswith(">") and redirect.descriptor in (None, 1) for redirect in command.redirects):
        return False
    if command.program == "wget":
        return _TO_OUTPUT.search(" ".join(["", *(argument.text for argument in command.arguments), ""])) is not None
    output = command.option_value("-o", "--output")
    return output in ("-", "/dev/stdout") or not command.has("-o", "--output", "-O", "--remote-name", "-I", "--head")


def _code_options(program: str) -> str:
    """The letters of an interpreter's options that carry a program; "" for what is no interpreter."""
    return "c" if program in SHELLS else _CODE_OPTIONS.get(re.sub(r"[\d.]+\Z", "", program), "")


def _runs_input(command: Command) -> bool:
    """Whether a program runs its standard input as code: `bash`, `sh -s -- x`, `python3 -`, `php -- x`."""
    if command.program in (".", "source"):
        return [operand.text for operand in command.operands[:1]] == ["/dev/stdin"]
    code = _code_options(command.program)
    if not code or "xargs" in command.wrappers:
        return False
    takes_value = False
    for argument in command.arguments:
        text = argument.text
        if text in ("-", "/dev/stdin") or (text == "--" and command.program == "php"):
            return True
        if takes_value:
            takes_value = False
        elif text.startswith(("-", "+")) and len(text) > 1:
            letters = "" if text.startswith("--") else text[1:]
            if command.program in SHELLS and "s" in letters and "c" not in letters:
                return True
            if text == "--" or any(letter in code for letter in letters[:1] + letters * (command.program in SHELLS)):
                return False
            takes_value = command.program in SHELLS and letters.endswith(("o", "O"))
        else:
            return False
    return True


def _runner_of(download: Command, script: Script) -> Command | None:
    """The command that runs what a substitution fetches: `bash <(...)`, `eval "$(...)"`, `sh -c "$(...)"`."""
    holders = (c for c in script.commands if c.statement and c is not download and c.statement.contains(download.span))
    holder = min(holders, key=lambda command: command.span.end - command.span.start, default=None)
    if holder is None or holder.pipeline == download.pipeline:
        return None
    if not holder.program:
        return holder if not holder.assignments and holder.program_span.contains(download.span) else None
    word = next((argument for argument in holder.arguments if argument.span.contains(download.span)), None)
    if word is None:
        here = (redirect for redirect in holder.redirects if redirect.span.contains(download.span))
        fed = any(redirect.operator in ("<<<", "<") for redirect in here)
        return holder if fed and _runs_input(holder) else None
    if holder.program == "eval" or (holder.program in (".", "source") and word.raw.startswith("<(")):
        return holder
    at = holder.arguments.index(word)
    code = _code_options(holder.program)
    before = holder.arguments[at - 1].text if at else ""
    if word.raw.startswith("<("):
        file = all(argument.text.startswith("-") for argument in holder.arguments[:at])
        return holder if code and file else None
    return holder if code and before.startswith("-") and before[-1:] in code else None
