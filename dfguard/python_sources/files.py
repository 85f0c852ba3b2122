"""Credentials in Python files of the build context that reach the image, and in heredocs that are Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from dfguard.dockerfile.nodes import Add, Copy, Heredoc, Instruction
from dfguard.edit import Edit, Refusal
from dfguard.flow.arrivals import Arrival, arrivals
from dfguard.flow.events import HEREDOC, Added, Removed
from dfguard.flow.play import Flow
from dfguard.flow.secret_files import SecretFinder
from dfguard.python_sources.candidates import is_python
from dfguard.python_sources.reader import PythonReaders
from dfguard.regex import regex
from dfguard.shell.commands import Command
from dfguard.source import Span
from dfguard.struct import Struct

if TYPE_CHECKING:
    from dfguard.python_sources.find import PythonCredential

_PROGRAM = regex(r"(?:python|pypy)[0-9.]*\Z")
_SHEBANG = regex(r"#![^\r\n]*python")


class PythonSecret(Struct):
    """A credential in a Python file of the context, and the file on its way into the image.

    `added` is the file as it is left in the image, or as it came; `removed` is what hides the last of it there,
    None when it is left. `entry` is the word that brings it into the stages of the image.
    """

    credential: PythonCredential
    path: str
    entry: Span
    instruction: Instruction
    added: Added
    removed: Removed | None

    @property
    def span(self) -> Span:
        """The credential."""
        return self.credential.span


class HeredocSecret(Struct):
    """A credential in a heredoc that is Python: `instruction` runs its `body`, or writes it to a file (`added`)."""

    credential: PythonCredential
    instruction: Instruction
    body: Span
    added: Added | None = None

    @property
    def span(self) -> Span:
        """The credential."""
        return self.credential.span


def python_secrets(flow: Flow, finder: SecretFinder, readers: PythonReaders) -> Iterator[PythonSecret]:
    """All of them, file by file in the order in which they come."""

    def wanted(added: Added) -> bool:
        reader = readers.of(added.origin)
        return reader is not None and added.origin.file is not None and added.origin.path in reader.credentials

    finder.notable(flow.shipped_files)
    seen: set[str] = set()
    for arrival in arrivals(flow, filter(wanted, flow.shipped_files if readers.found else ())):
        origin = arrival.forms[0].origin
        reader = readers.of(origin)
        if origin.shown not in seen and reader is not None:
            seen.add(origin.shown)
            yield from _of_file(origin.shown, arrival, reader.credentials[origin.path])


def _of_file(path: str, arrival: Arrival, credentials: Iterable[PythonCredential]) -> Iterator[PythonSecret]:
    first = arrival.forms[0]
    for credential in credentials:
        yield PythonSecret(credential, path, arrival.entry, first.instruction, arrival.added, arrival.removed)


def heredoc_secrets(
    flow: Flow, instructions: Sequence[Instruction], commands: Iterable[Command], told: Sequence[Span]
) -> Iterator[HeredocSecret]:
    """The credentials in Python heredocs of COPY, ADD and RUN; not those at `told`, which others speak of.

    `commands` are those of all RUNs.
    """
    files = (added for stage in flow.stages for added in stage.added.single)
    written = {added.origin.place: added for added in files if added.origin.kind == HEREDOC}
    bodies = [*_copied(instructions), *_run(instructions, commands)]
    for instruction, body in sorted(bodies, key=lambda pair: pair[1].start):
        for credential in _in(body):
            if not any(span.start < credential.value.end and credential.value.start < span.end for span in told):
                opener = next((h.opener for h in _heredocs(instruction) if h.body.contains(body)), None)
                yield HeredocSecret(credential, instruction, body, written.get(opener) if opener else None)


def _in(body: Span) -> tuple[PythonCredential, ...]:
    """The credentials in a heredoc; none in one that can't be parsed."""
    from dfguard.python_sources.find import find
    from dfguard.python_sources.text import Unreadable, of_heredoc

    try:
        return find(of_heredoc(body)).credentials
    except Unreadable:
        return ()


def from_environment(credential: PythonCredential, body: Span | None = None) -> tuple[Edit, ...] | Refusal:
    """The edits that read a credential from the environment, or why there are none; see `rewrite`."""
    from dfguard.python_sources import rewrite

    return rewrite.from_environment(credential, body)


def _heredocs(instruction: Instruction) -> Iterator[Heredoc]:
    if isinstance(instruction, (Copy, Add)):
        yield from (source.heredoc for source in instruction.sources if source.heredoc is not None)


def _copied(instructions: Iterable[Instruction]) -> Iterator[tuple[Instruction, Span]]:
    """The heredocs that COPY and ADD write to Python files."""
    for instruction in instructions:
        for heredoc in _heredocs(instruction):
            name = (
                instruction.destination.raw if isinstance(instruction, (Copy, Add)) and instruction.destination else ""
            )
            if is_python(name.strip("\"'"), b"") or is_python(heredoc.name, b"") or _SHEBANG.match(heredoc.body.text):
                yield instruction, heredoc.body


def _run(instructions: Iterable[Instruction], commands: Iterable[Command]) -> Iterator[tuple[Instruction, Span]]:
    """The heredocs that RUN gives to python, and those whose first line names it."""
    runs = [instruction for instruction in instructions if instruction.name == "RUN" and instruction.heredocs]
    for instruction in runs:
        for heredoc in instruction.heredocs:
            if _SHEBANG.match(heredoc.body.text):
                yield instruction, heredoc.body
    for command in commands:
        if not _PROGRAM.match(command.program):
            continue
        for redirect in command.redirects:
            holder = next((run for run in runs if redirect.body and run.span.contains(redirect.body)), None)
            if redirect.body is not None and holder is not None:
                yield holder, redirect.body
