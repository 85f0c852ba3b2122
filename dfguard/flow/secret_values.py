"""Secrets that stand in a Dockerfile itself: in ENV, ARG, LABEL, and in commands.

Known token formats are found by `dfguard.secrets.contents`; other values by the role of the place they
stand in: a variable or option that is named like a credential, the password in `-u user:password`. No
value is kept, only its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from dfguard.dockerfile.nodes import (
    Add,
    Arg,
    Cmd,
    Dockerfile,
    Entrypoint,
    Env,
    Instruction,
    KeyValue,
    Label,
    Onbuild,
    Run,
)
from dfguard.dockerfile.stages import Scope
from dfguard.finding import Confidence
from dfguard.flow.secret_commands import CommandSecret, address_secrets, command_secrets, heredoc_secrets
from dfguard.regex import regex
from dfguard.secrets.contents import scan
from dfguard.secrets.detectors import SecretHit
from dfguard.secrets.named import ASSIGNED, QUOTED
from dfguard.secrets.names import with_article
from dfguard.secrets.values import assess, credential_name
from dfguard.shell.script import Script, read_exec_form, read_script
from dfguard.source import Span
from dfguard.struct import Struct

Found = tuple[CommandSecret, ...]
_NAMED = regex(r"([A-Za-z_][\w.-]{0,99})=[\"']?\Z")
_ROLES = regex(r"(?i)pass|pwd|psw|secret|token|key|auth|cred|bearer|-[a-z]*[aup]|identified")


class SecretValue(Struct):
    """A secret written into an instruction; `span` is the value, without quotes where they can be told apart.

    `what` is it with an article ("a GitHub token", "a credential"), `name` the variable or option that
    holds it ("" for none). `certain` is true for a token format, which needs no name to be a secret.
    """

    span: Span
    instruction: Instruction
    what: str
    name: str
    confidence: Confidence
    certain: bool


def secret_values(
    dockerfile: Dockerfile,
    script_of: Callable[[Run], Script],
    scope_of: Callable[[Instruction], Scope],
    of: Callable[[Script, Callable[[Script], Found]], Found] = lambda script, what: what(script),
) -> Iterator[SecretValue]:
    """All secrets of a file by place; of two that overlap, the one of the surer kind.

    `of` gives what a function makes of a script.
    """
    hits = _hits(dockerfile)
    for instruction in _flat(dockerfile.instructions):
        found = list(_formats(instruction, hits)) if hits else []
        if isinstance(instruction, (Env, Arg, Label)):
            found += _pairs(instruction, instruction.pairs, scope_of(instruction))
        elif isinstance(instruction, Add):
            told = tuple(secret for address in _addresses(instruction) for secret in address_secrets(address))
            found += (_of_command(instruction, secret) for secret in told)
        elif isinstance(instruction, Run) or (
            isinstance(instruction, (Cmd, Entrypoint)) and _ROLES.search(instruction.span.text)
        ):
            script = _script(instruction, dockerfile.escape, script_of)
            told = (*of(script, command_secrets), *heredoc_secrets(instruction.heredocs))
            found += (_of_command(instruction, secret) for secret in told)
        yield from _apart(found) if len(found) > 1 else found


def _flat(instructions: Iterable[Instruction]) -> Iterator[Instruction]:
    for instruction in instructions:
        trigger = instruction.trigger if isinstance(instruction, Onbuild) else None
        yield trigger if trigger is not None else instruction


def _script(instruction: Instruction, escape: str, script_of: Callable[[Run], Script]) -> Script:
    if instruction.exec_form is not None:
        return read_exec_form(instruction.arguments, instruction.exec_form)
    return script_of(instruction) if isinstance(instruction, Run) else read_script(instruction.arguments, escape=escape)


def _hits(dockerfile: Dockerfile) -> list[tuple[int, int, SecretHit]]:
    """The hits in the whole text, by place in characters."""
    text = dockerfile.source.text
    data = dockerfile.source.data
    hits = [hit for hit in scan(data) if not _in_comment(data, hit.start)]
    if len(data) == len(text):
        return [(hit.start, hit.end, hit) for hit in hits]
    found = []
    seen = characters = 0
    for hit in hits:
        characters += len(data[seen : hit.start].decode("utf-8", "surrogateescape"))
        seen = hit.start
        length = len(data[hit.start : hit.end].decode("utf-8", "surrogateescape"))
        found.append((characters, characters + length, hit))
    return found


def _in_comment(data: bytes, at: int) -> bool:
    return data[data.rfind(b"\n", 0, at) + 1 : at].lstrip().startswith(b"#")


def _formats(instruction: Instruction, hits: list[tuple[int, int, SecretHit]]) -> Iterator[SecretValue]:
    """The token formats; of COPY and ADD only in addresses, since files are looked at where they arrive."""
    span = instruction.span
    addresses = _addresses(instruction)
    keyed = isinstance(instruction, (Env, Arg, Label))
    for start, end, hit in hits:
        inside = span.start <= start and end <= span.end
        if instruction.name in ("COPY", "ADD"):
            inside = any(address.start <= start and end <= address.end for address in addresses)
        by_name = hit.detector == ASSIGNED
        if inside and hit.detector != QUOTED and not (keyed and by_name):
            text = span.source.text
            place = Span(span.source, start, start + len(text[start:end].rstrip("\"'")))
            what = "a credential" if by_name else with_article(hit.title)
            yield SecretValue(place, instruction, what, _key_at(instruction, start), hit.confidence, not by_name)


def _addresses(instruction: Instruction) -> list[Span]:
    """The addresses that an ADD fetches from."""
    sources = instruction.sources if isinstance(instruction, Add) else ()
    return [source.span for source in sources if source.kind in ("url", "git")]


def _key_at(instruction: Instruction, at: int) -> str:
    """The name that a value is given: of its pair, or in front of a `=`."""
    if isinstance(instruction, (Env, Arg, Label)):
        return next((pair.name for pair in instruction.pairs if pair.span.start <= at < pair.span.end), "")
    named = _NAMED.search(instruction.span.source.text, max(0, at - 120), at)
    return named[1] if named else ""


def _pairs(instruction: Instruction, pairs: tuple[KeyValue, ...], scope: Scope) -> Iterator[SecretValue]:
    for pair in pairs:
        if pair.value is None or not credential_name(pair.name):
            continue
        expanded = scope.expand(pair.value.raw)
        confidence = None if expanded.unknown or expanded.error else assess(expanded.value)
        if confidence is not None and expanded.value.lower() in pair.name.lower():
            confidence = Confidence.LOW  # NEO4J_PASS=neo4j
        if confidence is not None:
            yield SecretValue(_unquoted(pair.value.span), instruction, "a credential", pair.name, confidence, False)


def _unquoted(span: Span) -> Span:
    text = span.text
    return span.sub(1, len(text) - 1) if len(text) > 2 and text[0] in "'\"" and text[-1] == text[0] else span


def _of_command(instruction: Instruction, secret: CommandSecret) -> SecretValue:
    return SecretValue(secret.span, instruction, "a credential", secret.name, secret.confidence, False)


def _apart(found: list[SecretValue]) -> list[SecretValue]:
    """Without overlaps: of two, the certain one stays, else the surer, else the first."""
    kept: list[SecretValue] = []
    for value in sorted(found, key=lambda value: value.span.start):
        if not kept or kept[-1].span.end <= value.span.start:
            kept.append(value)
        elif _rank(value) < _rank(kept[-1]):
            kept[-1] = value
    return kept


def _rank(value: SecretValue) -> tuple[bool, int]:
    return not value.certain, value.confidence.rank
