"""Secret files that a COPY or ADD brings into a stage, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Protocol

from dfguard.context.tree import BuildContext, ContextFile
from dfguard.dockerfile.nodes import Instruction
from dfguard.errors import InputError
from dfguard.finding import Confidence
from dfguard.flow.arrivals import Arrival, arrivals
from dfguard.flow.events import CONTEXT, Added, Removed
from dfguard.flow.play import Flow
from dfguard.secrets.names import NamedSecret
from dfguard.secrets.weigh import weigh
from dfguard.source import Span
from dfguard.struct import Struct

MAX_CONTENT = 4 * 1024 * 1024


class SecretArrival(Struct):
    """A secret file of the image.

    `added` is the file as it is left in the image (a RUN may have moved or copied it), else as it
    came in; `removed` is what hides the last of it from the image, None when it is left.
    """

    added: Added
    secret: NamedSecret
    removed: Removed | None


class SecretCopy(Struct):
    """One source word of a COPY or ADD and the secret files that it brings into the image."""

    span: Span
    instruction: Instruction
    arrivals: tuple[SecretArrival, ...]


class Reader(Protocol):
    """Somebody who wants the contents that a SecretFinder reads, so that no file is read twice."""

    def see(self, path: str, data: bytes, found: NamedSecret | None) -> str | None:
        """Look at a file: its content, or the first bytes of it, and what it is taken for.

        The result is why it was not understood; None when it was, or is not for this reader.
        """


class SecretFinder:
    """Tells which files of a context are secrets; each file is read once at most, for all `readers`.

    `unread` are the files that were not read, or not wholly, with the reason.
    """

    def __init__(self, context: BuildContext | None, readers: Sequence[Reader] = ()) -> None:
        self.context = context
        self.readers = tuple(readers)
        self._seen: dict[str, NamedSecret | None] = {}
        self.unread: list[tuple[str, str]] = []

    def of(self, added: Added) -> NamedSecret | None:
        """Why this file is a secret, or None."""
        origin = added.origin
        if origin.heredoc is not None:
            return _weighed(added.path, origin.heredoc.body.text.encode("utf-8", "surrogateescape"))
        if origin.kind != CONTEXT:
            return None
        return self._of_path(origin.path, origin.file)

    def of_file(self, file: ContextFile) -> NamedSecret | None:
        """Why a file of the context is a secret, or None."""
        return self._of_path(file.path, file)

    def _of_path(self, path: str, file: ContextFile | None) -> NamedSecret | None:
        if path not in self._seen:
            self._seen[path] = self._look(path, file)
        return self._seen[path]

    def _look(self, path: str, file: ContextFile | None) -> NamedSecret | None:
        if file is None:
            # A variable without a value may make it another file.
            return _weighed(path, None, Confidence.LOW if "$" in path else Confidence.MEDIUM)
        if file.kind != "file" or self.context is None:
            return None
        try:
            data = self.context.head(path, MAX_CONTENT)
        except InputError as error:
            self.unread.append((path, error.reason))
            return _weighed(path, None)
        if file.size > MAX_CONTENT:
            self.unread.append((path, f"{file.size:,} bytes; contents are read up to {MAX_CONTENT:,}"))
        found = _weighed(path, data)
        reasons = (reader.see(path, data, found) for reader in self.readers)
        self.unread += ((path, reason) for reason in reasons if reason is not None)
        return found


def _weighed(path: str, data: bytes | None, at_most: Confidence = Confidence.HIGH) -> NamedSecret | None:
    found = weigh(path, data)
    return found.but(confidence=max(found.confidence, at_most, key=lambda c: c.rank)) if found else None


def secret_copies(flow: Flow, finder: SecretFinder) -> Iterator[SecretCopy]:
    """Group the secrets that reach shipped stages by the source word that brings them there."""
    found = arrivals(flow, lambda added: finder.of(added) is not None)
    for place, group in groupby(found, key=lambda arrival: arrival.entry):
        arrived = tuple(group)
        yield SecretCopy(place, arrived[0].forms[0].instruction, tuple(_secret(each, finder) for each in arrived))


def _secret(arrival: Arrival, finder: SecretFinder) -> SecretArrival:
    secret = finder.of(arrival.forms[0])
    assert secret is not None
    return SecretArrival(arrival.added, secret, arrival.removed)
