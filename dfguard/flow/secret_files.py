"""Secret files that a COPY or ADD brings into a stage, and what becomes of them."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, groupby
from typing import Any, Protocol, TypeVar

from dfguard.claim import InstructionId, LayerHolds, LayerHoldsSecret
from dfguard.context.tree import BuildContext, ContextFile
from dfguard.dockerfile.nodes import Instruction
from dfguard.errors import InputError
from dfguard.finding import Confidence
from dfguard.flow.arrivals import Arrival, arrivals
from dfguard.flow.copied import Bulk, Events
from dfguard.flow.events import CONTEXT, NAMED, Added, Removed
from dfguard.flow.play import Flow
from dfguard.secrets.names import NamedSecret
from dfguard.secrets.scanner import Deep, FileSecrets, SecretScanner
from dfguard.secrets.skips import NOT_REGULAR, NOT_UNDERSTOOD, UNREADABLE, Limits, Skip
from dfguard.secrets.weigh import weigh
from dfguard.source import Span
from dfguard.struct import Struct

PIECE = 4 * 1024 * 1024  # bytes that are read at once, and that readers see
MOST_CALM = 256  # layouts of files that hold nothing, which are remembered


class SecretArrival(Struct):
    """A secret file of the image.

    `added` is the file as it is left in the image (a RUN may have moved or copied it), else as it
    came in; `removed` is what hides the last of it from the image, None when it is left.
    """

    added: Added
    secret: NamedSecret
    removed: Removed | None

    @property
    def claim(self) -> LayerHolds | LayerHoldsSecret:
        """What must be true of the image: its layer holds the file, whatever becomes of that.

        A secret that was seen in the content must be seen there, too.
        """
        added = self.added
        at = InstructionId(added.stage, added.instruction.index)
        if self.secret.line or self.secret.inside:
            return LayerHoldsSecret(added.path, at, posixpath.basename(added.origin.member or added.origin.path))
        return LayerHolds(added.path, at)


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


AReader = TypeVar("AReader", bound=Reader)


class SecretReadings:
    """What was read so far in a run: no file is read twice, whichever builds and contexts share it."""

    def __init__(self, limits: Limits | None = None, piece: int = PIECE, deep: Deep | None = None) -> None:
        self.limits = limits or Limits()
        self.deep = deep
        self.piece = piece
        self._folders: dict[str, dict[str, FileSecrets]] = {}
        self._quiet: dict[str, set[str]] = {}
        self._calm: dict[int, tuple[str | None, ...]] = {}
        self._readers: dict[tuple[str, Callable[[str], Any]], Any] = {}

    @property
    def roots(self) -> tuple[str, ...]:
        """The folders that files were read in."""
        return tuple(self._folders)

    def below(self, root: str) -> dict[str, FileSecrets]:
        """The files that were read in a folder, by path."""
        return self._folders.setdefault(os.path.realpath(root), {})

    def quiet_below(self, root: str) -> set[str]:
        """Those of the files that were read in a folder that there is nothing to say of; finders fill it."""
        return self._quiet.setdefault(os.path.realpath(root), set())

    def are_quiet(self, paths: Sequence[str | None], quiet: set[str]) -> bool:
        """Whether all are in `quiet`, one of `quiet_below`; for a layout that is kept it is found out once."""
        if self._calm.get(id(paths)) is paths:
            return True
        if not quiet.issuperset(paths):
            return False
        if isinstance(paths, tuple):
            if len(self._calm) >= MOST_CALM:
                self._calm.clear()
            self._calm[id(paths)] = paths  # which keeps it, so that no other object gets its id
        return True

    def reader(self, root: str, make: Callable[[str], AReader]) -> AReader:
        """The one reader of a kind for a folder, which all finders there share, as it sees each file once."""
        key = os.path.realpath(root), make
        if key not in self._readers:
            self._readers[key] = make(root)
        found: AReader = self._readers[key]
        return found

    @cached_property
    def scanner(self) -> SecretScanner:
        """What looks at them; it keeps the budget of the run."""
        return SecretScanner(self.limits, deep=self.deep)


class SecretFinder:
    """Tells which files of a context are secrets; each file is read once at most, for all `readers`.

    `skips` is what was not looked at, or not wholly; `unread` the same as (path, reason). A reader sees
    a file when it is read, so that of several finders with the same `readings` one should have it.
    `readers_in` gives those for the folder of a named context.
    """

    def __init__(
        self,
        context: BuildContext | None,
        readers: Sequence[Reader] = (),
        readings: SecretReadings | None = None,
        readers_in: Callable[[str], Sequence[Reader]] = lambda root: (),
    ) -> None:
        self.context = context
        self.readers = tuple(readers)
        self.readings = readings or SecretReadings()
        self._read = self.readings.below(context.root) if context is not None else {}
        self._quiet = self.readings.quiet_below(context.root) if context is not None else set()
        self._asked: dict[str, FileSecrets] = {}
        self._seen: list[Skip] = []
        self._readers_in = readers_in
        self._named: dict[str, SecretFinder] = {}

    @property
    def every(self) -> tuple[SecretFinder, ...]:
        """This one, and those of the named contexts that were asked for."""
        return (self, *self._named.values())

    def beside(self, context: BuildContext) -> SecretFinder:
        """The finder for a named context, one for each folder."""
        if context.root not in self._named:
            readers = self._readers_in(context.root)
            self._named[context.root] = SecretFinder(context, readers, self.readings)
        return self._named[context.root]

    @property
    def skips(self) -> tuple[Skip, ...]:
        """What was not looked at, with what readers did not understand."""
        return (*(skip for found in self._asked.values() for skip in found.skips), *self._seen)

    @property
    def unread(self) -> list[tuple[str, str]]:
        """Paths with reasons, as `skips` has them."""
        return [(skip.path, skip.detail) for skip in self.skips]

    def of(self, added: Added) -> NamedSecret | None:
        """Why this file is a secret, or None."""
        origin = added.origin
        if origin.heredoc is not None:
            return weigh(added.path, origin.heredoc.body.text.encode("utf-8", "surrogateescape"))
        if origin.kind == NAMED and origin.named is not None:
            return self.beside(origin.named.context)._look(origin.path, origin.file).secret
        if origin.kind != CONTEXT:
            return None
        return self._look(origin.path, origin.file).secret

    def notable(self, files: Iterable[Added]) -> list[Added]:
        """The files but for those of the context in which nothing was found; all of them are read on the way."""
        found: list[Added] = []
        parts: Iterable[Added | Bulk] = files.parts if isinstance(files, Events) else files
        for added in parts:
            if isinstance(added, Bulk):
                finder = self if added.named is None else self.beside(added.named.context)
                found += map(added.get, finder._loud(added.sources, added.files))
                continue
            origin = added.origin
            if origin.kind == CONTEXT and origin.path in self._quiet and origin.file is not None:
                continue
            found.append(added)
            if self.of(added) is None and origin.kind == CONTEXT and origin.file is not None:
                self._note_quiet(origin.path)
        return found

    def _loud(self, paths: Sequence[str | None], files: Sequence[ContextFile | None]) -> list[int]:
        """The indices of the files in which something was found, and of None: what is no file of the context."""
        quiet = self._quiet
        if self.readings.are_quiet(paths, quiet):
            return []
        found = []
        for index, path in enumerate(paths):
            if path not in quiet:
                if path is None or self._look(path, files[index]).secret is not None:
                    found.append(index)
                else:
                    self._note_quiet(path)
        return found

    def _note_quiet(self, path: str) -> None:
        if not self._asked[path].skips:
            self._quiet.add(path)

    def of_file(self, file: ContextFile) -> NamedSecret | None:
        """Why a file of the context is a secret, or None."""
        return self._look(file.path, file).secret

    def inside(self, file: ContextFile) -> FileSecrets:
        """All that is to say of a file of the context: each secret in it, and what of it was skipped."""
        return self._look(file.path, file)

    def _look(self, path: str, file: ContextFile | None) -> FileSecrets:
        found = self._asked.get(path)
        if found is None:
            found = self._read.get(path) if file is not None else None
            if found is None:
                found = self._open(path, file)
                if file is not None:
                    self._read[path] = found
            self._asked[path] = found
        return found

    def _open(self, path: str, file: ContextFile | None) -> FileSecrets:
        scanner = self.readings.scanner
        if file is None:
            # A variable without a value may make it another file.
            most = Confidence.LOW if "$" in path else Confidence.MEDIUM
            found = scanner.by_name(path)
            return found.but(secret=_at_most(found.secret, most))
        if file.kind in ("dir", "symlink") or self.context is None:
            return FileSecrets(path, None)
        if file.kind != "file":
            return FileSecrets(path, None, (), (Skip(path, NOT_REGULAR, "is no regular file"),))
        try:
            return self._scanned(path, self.context)
        except InputError as error:
            reason = NOT_REGULAR if "regular" in error.reason else UNREADABLE
            return scanner.by_name(path, Skip(path, reason, error.reason))

    def _scanned(self, path: str, context: BuildContext) -> FileSecrets:
        first = context.whole(path, self.readings.piece)
        scanner = self.readings.scanner
        if first is not None:
            found = scanner.scan_whole(path, first)
        else:
            pieces = context.pieces(path, self.readings.piece)
            first = next(pieces, b"")
            found = scanner.scan(path, chain((first,), pieces))
        for reader in self.readers:
            reason = reader.see(path, first, found.secret)
            if reason is not None:
                self._seen.append(Skip(path, NOT_UNDERSTOOD, reason))
        return found


def _at_most(secret: NamedSecret | None, most: Confidence) -> NamedSecret | None:
    return secret.but(confidence=max(secret.confidence, most, key=lambda c: c.rank)) if secret else None


def secret_copies(
    flow: Flow, finder: SecretFinder, told: Callable[[Added, NamedSecret], bool] = lambda added, secret: False
) -> Iterator[SecretCopy]:
    """Group the secrets that reach shipped stages by the source word that brings them there.

    `told` says that another one speaks of a secret, with its place inside of the file.
    """

    def wanted(added: Added) -> bool:
        secret = finder.of(added)
        return secret is not None and not told(added, secret)

    found = arrivals(flow, filter(wanted, finder.notable(flow.shipped_files)))
    for place, group in groupby(found, key=lambda arrival: arrival.entry):
        arrived = tuple(group)
        yield SecretCopy(place, arrived[0].forms[0].instruction, tuple(_secret(each, finder) for each in arrived))


def _secret(arrival: Arrival, finder: SecretFinder) -> SecretArrival:
    secret = finder.of(arrival.forms[0])
    assert secret is not None
    return SecretArrival(arrival.added, secret, arrival.removed)
