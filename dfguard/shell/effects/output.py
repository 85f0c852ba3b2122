"""What commands write: redirections, `tee`, and the text that `echo`, `printf` and `cat <<EOF` print.

POSIX.1-2024, Shell Command Language, 2.7; echo, printf: only what every shell prints alike is known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dfguard.regex import regex
from dfguard.shell.effects.model import Effect, Opaque, Writes
from dfguard.shell.effects.use import Program, Use, words

if TYPE_CHECKING:
    from dfguard.shell.commands import Argument, Command, Redirect

MOST = 100_000  # characters of a text that are followed
_OUTPUT = (">", ">>", ">|", "&>", "&>>", ">&", "<>")
_FORMAT = regex(r"%s|%%|\\n|\\t|\\\\|[^%\\]+")
_PRINTED = {"%%": "%", r"\n": "\n", r"\t": "\t", r"\\": "\\"}


def printed(command: Command, fed: str | None = None) -> str | None:
    """What a command prints, given what it is fed; None when that is not known."""
    read = _PRINTERS.get(command.program)
    if read is None:
        return None
    text = read(command, fed)
    return text if text is None or len(text) <= MOST else None


def _echo(command: Command, _fed: str | None) -> str | None:
    fields = _fields(command.arguments)
    if fields is None or any("\\" in field for field in fields):
        return None
    end = "\n"
    if fields and fields[0] == "-n":
        fields, end = fields[1:], ""
    return None if fields and re.match(r"-[neE]+\Z", fields[0]) else " ".join(fields) + end


def _printf(command: Command, _fed: str | None) -> str | None:
    fields = _fields(command.arguments)
    if not fields or fields[0].startswith("-") or "".join(_FORMAT.findall(fields[0])) != fields[0]:
        return None
    parts = _FORMAT.findall(fields[0])
    wanted, given = parts.count("%s"), fields[1:]
    if wanted == 0:
        given = [] if not given else given[:1]
    elif len(given) % wanted or not given:
        return None
    out, values = "", iter(given)
    for _ in range(max(1, len(given) // wanted) if wanted else 1):
        out += "".join(next(values) if part == "%s" else _PRINTED.get(part, part) for part in parts)
        if len(out) > MOST:
            return None
    return out


def _cat(command: Command, fed: str | None) -> str | None:
    if any(argument.text != "-" for argument in command.arguments):
        return None
    given = [r for r in command.redirects if r.operator in ("<<", "<<-", "<", "<<<")]
    if not given:
        return fed
    return heredoc_text(given[-1]) if given[-1].body is not None else None


def _nothing(_command: Command, _fed: str | None) -> str | None:
    return ""


def _tee_passes(_command: Command, fed: str | None) -> str | None:
    return fed


_PRINTERS = {
    "echo": _echo,
    "printf": _printf,
    "cat": _cat,
    "tee": _tee_passes,
    ":": _nothing,
    "true": _nothing,
}


def _fields(arguments: tuple[Argument, ...]) -> list[str] | None:
    if any(argument.value is None or argument.glob or argument.value.startswith("~") for argument in arguments):
        return None
    return [field for argument in arguments for field in argument.fields]


def heredoc_text(redirect: Redirect) -> str | None:
    """The text of a here-document; None when a shell has to expand it."""
    if redirect.body is None:
        return None
    text = redirect.body.text
    if redirect.operator == "<<-":
        text = "".join(line.lstrip("\t") for line in text.splitlines(keepends=True))
    quoted = any(sign in redirect.span.text for sign in "'\"\\")
    return text if quoted or not any(sign in text for sign in "$`\\") else None


def only_source(command: Command) -> Argument | None:
    """The one file whose content a command prints: `cat FILE`, `cat < FILE`."""
    if command.program != "cat" or any(argument.text.startswith("-") for argument in command.arguments):
        return None
    named = [r.target for r in command.redirects if r.operator == "<"]
    files = [*command.arguments, *(named if not command.arguments else [])]
    return files[0] if len(files) == 1 and files[0] is not None and not files[0].glob else None


def redirected(command: Command, fed: str | None) -> list[Effect]:
    """The effects of a command's redirections."""
    found: list[Effect] = []
    outputs = [redirect for redirect in command.redirects if redirect.operator in _OUTPUT]
    for redirect in outputs:
        path = redirect.target
        if path is None or (redirect.operator == ">&" and (path.text == "-" or path.text.rstrip("-").isdigit())):
            continue
        if path.value is None:
            found.append(Opaque(redirect.span, "the output goes to a path that is not known"))
        elif not path.value.startswith("/dev/"):
            append = redirect.operator in (">>", "&>>", "<>")
            alone = redirect.descriptor in (None, 1) and len(outputs) == 1
            text = printed(command, fed) if alone else None
            if not command.program and not command.program_span.text and redirect.operator != "<>":
                text = ""
            found.append(Writes(path, append, text, only_source(command) if alone and text is None else None))
    return found


def tee(use: Use, fed: str | None) -> list[Effect]:
    """`tee` writes what it is fed to all its files."""
    append = use.has("-a", "--append")
    return [*(Writes(word, append, fed) for word in use.known() if word.value != "-"), *use.unknown()]


TEE = Program(lambda use: tee(use, None), flags=words("-a --append -i --ignore-interrupts"))
