"""Secret files that a COPY or ADD brings into a stage, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dfguard.context.tree import BuildContext, ContextFile
from dfguard.dockerfile.nodes import Instruction
from dfguard.errors import InputError
from dfguard.finding import Confidence
from dfguard.flow.events import CONTEXT, HEREDOC, Added, Removed
from dfguard.flow.play import Flow
from dfguard.secrets import contents, names
from dfguard.source import Span
from dfguard.struct import Struct

MAX_CONTENT = 4 * 1024 * 1024


class SecretFile(Struct):
    """Why a file counts as a secret: `what` ("private key", "environment file"), and how sure that is."""

    what: str
    confidence: Confidence


class SecretArrival(Struct):
    """A secret file in a layer; `removed` is what hides it in a later layer of the same image."""

    added: Added
    secret: SecretFile
    removed: Removed | None


class SecretCopy(Struct):
    """One source word of a COPY or ADD and the secret files that it brings into the image."""

    span: Span
    instruction: Instruction
    arrivals: tuple[SecretArrival, ...]


class SecretFinder:
    """Tells which files of a context are secrets; each file is read once at most."""

    def __init__(self, context: BuildContext | None) -> None:
        self.context = context
        self._seen: dict[str, SecretFile | None] = {}
        self.unread: list[tuple[str, str]] = []

    def of(self, added: Added) -> SecretFile | None:
        """Why this file is a secret, or None."""
        origin = added.origin
        if origin.kind == HEREDOC:
            return _judge(added.path, _heredoc_text(added))
        if origin.kind != CONTEXT:
            return None
        if origin.path not in self._seen:
            self._seen[origin.path] = self._look(origin.path, origin.file)
        return self._seen[origin.path]

    def _look(self, path: str, file: ContextFile | None) -> SecretFile | None:
        if file is None:
            named = names.classify(path)
            return SecretFile(named.kind, _at_most(Confidence.MEDIUM, named.confidence)) if named else None
        if file.kind != "file" or self.context is None:
            return None
        if file.size > MAX_CONTENT:
            self.unread.append((path, f"{file.size:,} bytes; contents are read up to {MAX_CONTENT:,}"))
            return _judge(path, None)
        try:
            return _judge(path, self.context.read(path))
        except InputError as error:
            self.unread.append((path, error.reason))
            return _judge(path, None)


def _heredoc_text(added: Added) -> bytes:
    heredocs = (h for h in added.instruction.heredocs if h.opener == added.origin.place)
    return b"".join(h.body.text.encode("utf-8", "surrogateescape") for h in heredocs)


def _judge(path: str, data: bytes | None) -> SecretFile | None:
    named = names.classify(path)
    if data is None:
        return SecretFile(named.kind, named.confidence) if named else None
    hits = contents.scan(data)
    best = min(hits, key=lambda hit: hit.confidence.rank, default=None)
    if best is not None:
        sure = best.confidence
        if named is not None and named.confidence is Confidence.LOW:
            sure = _at_most(Confidence.MEDIUM, sure)
        return SecretFile(named.kind if named else best.title, sure)
    if named is None or not data.strip():
        return None
    return SecretFile(named.kind, Confidence.LOW)


def _at_most(limit: Confidence, value: Confidence) -> Confidence:
    return max(limit, value, key=lambda c: c.rank)


def secret_copies(flow: Flow, finder: SecretFinder) -> Iterator[SecretCopy]:
    """Group the secrets that reach shipped stages by the source word that brings them there."""
    groups: dict[Span, list[SecretArrival]] = {}
    owner: dict[Span, Instruction] = {}
    for arrival in _arrivals(flow, finder):
        groups.setdefault(arrival.added.place, []).append(arrival)
        owner[arrival.added.place] = arrival.added.instruction
    for place in sorted(groups, key=lambda span: span.start):
        yield SecretCopy(place, owner[place], tuple(groups[place]))


def _arrivals(flow: Flow, finder: SecretFinder) -> Iterator[SecretArrival]:
    for stage in flow.shipped:
        hidden = {removal.added: removal.removed for removal in stage.removals}
        for added in _own_files(stage.events):
            secret = finder.of(added)
            if secret is not None:
                yield SecretArrival(added, secret, hidden.get(added))


def _own_files(events: Iterable[object]) -> Iterator[Added]:
    return (event for event in events if isinstance(event, Added))
