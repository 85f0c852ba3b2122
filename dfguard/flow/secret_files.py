"""Secret files that a COPY or ADD brings into a stage, and what becomes of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dfguard.context.tree import BuildContext, ContextFile
from dfguard.dockerfile.nodes import Instruction
from dfguard.errors import InputError
from dfguard.finding import Confidence
from dfguard.flow.events import CONTEXT, HEREDOC, Added, Removed
from dfguard.flow.play import Flow
from dfguard.secrets.names import NamedSecret, classify
from dfguard.secrets.weigh import weigh
from dfguard.source import Span
from dfguard.struct import Struct

MAX_CONTENT = 4 * 1024 * 1024


class SecretArrival(Struct):
    """A secret file in a layer; `removed` is what hides it in a later layer of the same image."""

    added: Added
    secret: NamedSecret
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
        self._seen: dict[str, NamedSecret | None] = {}
        self.unread: list[tuple[str, str]] = []

    def of(self, added: Added) -> NamedSecret | None:
        """Why this file is a secret, or None."""
        origin = added.origin
        if origin.kind == HEREDOC:
            return weigh(added.path, _heredoc_text(added))
        if origin.kind != CONTEXT:
            return None
        if origin.path not in self._seen:
            self._seen[origin.path] = self._look(origin.path, origin.file)
        return self._seen[origin.path]

    def _look(self, path: str, file: ContextFile | None) -> NamedSecret | None:
        if file is None:
            # Not in this checkout: it will be there where the image is built.
            named = classify(path)
            return named.but(confidence=_at_most(Confidence.MEDIUM, named.confidence)) if named else None
        if file.kind != "file" or self.context is None:
            return None
        if file.size > MAX_CONTENT:
            self.unread.append((path, f"{file.size:,} bytes; contents are read up to {MAX_CONTENT:,}"))
            return weigh(path, None)
        try:
            return weigh(path, self.context.read(path))
        except InputError as error:
            self.unread.append((path, error.reason))
            return weigh(path, None)


def _heredoc_text(added: Added) -> bytes:
    heredocs = (h for h in added.instruction.heredocs if h.opener == added.origin.place)
    return b"".join(h.body.text.encode("utf-8", "surrogateescape") for h in heredocs)


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
