"""Secrets written into commands: options, assignments, headers, and texts that commands write or are fed.

Every shape is told by the role of a word, and its value weighed by `dfguard.secrets.values.assess`, so that
variables, paths and placeholders are none. What is read here `dfguard.secrets.redact` masks, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from dfguard.dockerfile.nodes import Heredoc
from dfguard.finding import Confidence
from dfguard.regex import regex
from dfguard.secrets.values import assess, credential_name
from dfguard.shell.commands import Argument, Command
from dfguard.shell.script import Script
from dfguard.source import Span
from dfguard.struct import Struct

# Short and single-dash options whose value is a password, by program; manuals of the programs.
_OPTIONS: dict[str, tuple[str, ...]] = {
    "sshpass": ("-p",),
    "mysql": ("-p",),
    "mysqladmin": ("-p",),
    "mysqldump": ("-p",),
    "mariadb": ("-p",),
    "mariadb-admin": ("-p",),
    "mongo": ("-p",),
    "mongosh": ("-p",),
    "redis-cli": ("-a",),
    "useradd": ("-p",),
    "usermod": ("-p",),
    "keytool": ("-storepass", "-keypass", "-srcstorepass", "-deststorepass"),
    "unzip": ("-P",),
    "7z": ("-p",),
}
_DOWNLOADS = ("curl", "wget", "aria2c", "http", "https")
_ATTACHED_ONLY = ("mysql", "mysqladmin", "mysqldump", "mariadb", "mariadb-admin", "7z")
_LOGINS = ("docker", "podman", "buildah", "skopeo", "oras", "helm", "az", "crane", "nerdctl")
_USER_OPTIONS = {"curl": ("-u", "--user", "--proxy-user"), "http": ("-a", "--auth"), "https": ("-a", "--auth")}
_NO_VALUE = regex(r"(?:^|[-_])(?:disabled?|with|without|stdin|fd|prompt|interactive|only)(?:[-_]|$)|^secret$")
_OPTION = regex(r"--([A-Za-z][\w.-]{2,99})(=?)")
_PROPERTY = regex(r"-D([A-Za-z_][\w.-]{0,99})=")
_HEADER = regex(
    r"(?i)[\"']?((?:proxy-)?authorization|private-token|x-[\w-]*(?:token|key|secret))\s*:\s*(?:(?:bearer|basic|token)\s+)?"
)
_QUERY = regex(r"[?&](?P<name>[A-Za-z_][\w.-]{0,60})=(?P<value>[^&#\s\"'\\]{6,512})")
_PAGING = regex(r"(?i)(?:page|next|continuation|csrf|sync|resume|cursor)[_-]?token$")
_WRITTEN = regex(
    r"(?<![\w.$-])(?P<name>[A-Za-z_][\w.-]{0,99})\\?[\"']?\s?(?::=|[=:])\s?(?:[bu]?\\?[\"'])?(?P<value>[^\s\"'\\;,]{1,512})"
)
_LITERAL = regex(r"[^$`(){}\[\]]+")  # no expansion, no code
_ACCOUNT = regex(r"(?:(?<=[\"'\s])|(?<=\\n)|^)[A-Za-z_][\w.-]{0,31}:(?P<value>[^\s\"'\\:]{1,512})")
_SQL = regex(
    r"(?i)\b(?:identified(?:\s+with\s+\w+)?\s+(?:by|as)(?:\s+password)?|password)[\s(]{1,8}\\?(?P<quote>['\"])(?P<value>[^'\"\\\n]{1,512})\\?(?P=quote)"
)
_PROGRAMS_WITH_SQL = frozenset("mysql mariadb psql sqlplus sqlcmd clickhouse-client echo printf cat".split())


class CommandSecret(Struct):
    """A literal secret in a command: the place of its value, the option or variable it belongs to, and how sure."""

    span: Span
    name: str
    confidence: Confidence


def command_secrets(script: Script) -> tuple[CommandSecret, ...]:
    """The secrets in the commands of a script."""
    return tuple(_command_secrets(script))


def _command_secrets(script: Script) -> Iterator[CommandSecret]:
    for command in script.commands:
        for assignment in command.assignments:
            if assignment.value is not None and credential_name(assignment.name):
                yield from _weighed(assignment.value, 0, assignment.name)
        if command.program not in ("", "export", "declare", "typeset", "readonly", "local"):
            yield from _options(command)
            yield from _texts(command, script)


def heredoc_secrets(heredocs: Iterable[Heredoc]) -> Iterator[CommandSecret]:
    """The secrets in here-documents of a RUN that are SQL."""
    for heredoc in heredocs:
        for match in _SQL.finditer(heredoc.body.text):
            yield from _found(heredoc.body.sub(*match.span("value")), match["value"], "password")


def _found(span: Span, value: str, name: str) -> Iterator[CommandSecret]:
    confidence = assess(value)
    if confidence is not None:
        yield CommandSecret(span, name, confidence)


def _weighed(argument: Argument, start: int, name: str) -> Iterator[CommandSecret]:
    """The secret that an argument is from its `start`th character on, if it is written there as it is."""
    rest = argument.tail(start) if start else argument
    if rest.value is not None and "$" not in rest.raw and "`" not in rest.raw:
        yield from _found(_unquoted(rest.span), rest.value, name)


def _unquoted(span: Span) -> Span:
    text = span.text
    return span.sub(1, len(text) - 1) if len(text) > 2 and text[0] in "'\"" and text[-1] == text[0] else span


def _options(command: Command) -> Iterator[CommandSecret]:
    short = _short_options(command)
    following = (*command.arguments[1:], None)
    for argument, after in zip(command.arguments, following, strict=False):
        yield from _long_option(argument, after)
        for name in short:
            text = argument.text
            if text == name and after is not None and command.program not in _ATTACHED_ONLY:
                yield from _weighed(after, 0, name)
            elif len(name) == 2 and text.startswith(name) and len(text) > 2:
                yield from _weighed(argument, 2, name)
    names = _USER_OPTIONS.get(command.program, ())
    login = command.option(*names) if names else None
    if login is not None and ":" in login.text:
        yield from _weighed(login, login.text.index(":") + 1, names[0])


def _long_option(argument: Argument, after: Argument | None) -> Iterator[CommandSecret]:
    """`--password=x`, `--password x`, and `-Ddb.password=x` of Java."""
    text = argument.text
    option, named = _OPTION.match(text), _PROPERTY.match(text)
    if named and credential_name(named[1]):
        yield from _weighed(argument, named.end(), named[1])
    elif option and _is_credential(option[1]):
        if option[2]:
            yield from _weighed(argument, option.end(), f"--{option[1]}")
        elif after is not None and len(text) == option.end() and not after.text.startswith("-"):
            yield from _weighed(after, 0, text)


def _short_options(command: Command) -> tuple[str, ...]:
    if command.program in _LOGINS and any(operand.text == "login" for operand in command.operands):
        return ("-p",)
    return _OPTIONS.get(command.program, ())


def _is_credential(option: str) -> bool:
    return credential_name(option) and not _NO_VALUE.search(option.lower())


def _texts(command: Command, script: Script) -> Iterator[CommandSecret]:
    """Headers, what `echo` writes to a file or to a program that sets passwords, and statements of SQL."""
    if command.program in _DOWNLOADS:
        yield from _headers(command)
        for argument in command.arguments:
            if argument.span.text == argument.raw and "://" in argument.raw:
                yield from address_secrets(argument.span)
    if command.program in ("echo", "printf"):
        readers = {other.program for other in script.pipeline(command)[1:]}
        written = any(redirect.operator in (">", ">>") for redirect in command.redirects) or "tee" in readers
        for argument in command.arguments:
            if written:
                yield from _matches(_WRITTEN, argument)
            if readers & {"chpasswd", "debconf-set-selections"}:
                yield from _matches(_ACCOUNT, argument)
    if command.program in _PROGRAMS_WITH_SQL:
        for argument in command.arguments:
            yield from _matches(_SQL, argument)


def address_secrets(address: Span) -> Iterator[CommandSecret]:
    """The credentials among the parameters of an address: `?access_token=...`."""
    for match in _QUERY.finditer(address.text):
        named = credential_name(match["name"]) and not _PAGING.search(match["name"])
        if named and _LITERAL.fullmatch(match["value"]):
            yield from _found(address.sub(*match.span("value")), match["value"], match["name"])


def _headers(command: Command) -> Iterator[CommandSecret]:
    for argument in command.arguments:
        match = _HEADER.match(argument.raw.removeprefix("--header="))
        if match:
            start = argument.raw.index(match[0]) + match.end()
            value = argument.raw[start:].rstrip("\"'")
            if argument.span.text == argument.raw and "$" not in value:
                yield from _found(argument.span.sub(start, start + len(value)), value, match[1])


def _matches(pattern: re.Pattern[str], argument: Argument) -> Iterator[CommandSecret]:
    """What a pattern finds in the text of an argument; `name`, if the pattern has it, must be a credential's."""
    if argument.span.text != argument.raw:
        return
    for match in pattern.finditer(argument.raw):
        name = match.groupdict().get("name", "password")
        if credential_name(name) and _LITERAL.fullmatch(match["value"]):
            yield from _found(argument.span.sub(*match.span("value")), match["value"], name)
