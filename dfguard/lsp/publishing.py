"""What a client is shown: pushed for files that are not open, and for open ones unless the client asks for those."""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from lsprotocol import types

from dfguard.errors import InputError
from dfguard.lsp.diagnostics import Teller
from dfguard.lsp.documents import DOCKERFILE, OTHER, Document, path_of, uri_of
from dfguard.lsp.positions import Ruler
from dfguard.lsp.project import Project
from dfguard.lsp.session import Desk, Session
from dfguard.run import RunError
from dfguard.source import Source
from dfguard.struct import Struct

_TOLD_BY_A_FINDING = re.compile(r"line \d+: BuildKit refuses this file, see DG")
Diagnostics = list[types.Diagnostic]


class Collected(Struct):
    """The diagnostics of open documents, as of their versions then, and of the other files, by address."""

    opened: tuple[tuple[Document, Diagnostics], ...]
    closed: dict[str, Diagnostics]


class Publishing:
    """Sends what has changed, and remembers what was sent."""

    def __init__(self, session: Session, push: Callable[[types.PublishDiagnosticsParams], None]) -> None:
        self.session = session
        self._push = push
        self._pushed: dict[str, Diagnostics] = {}
        self._told: dict[str, tuple[int, Diagnostics]] = {}
        self._by_desk: dict[Desk, set[str]] = {}
        self.pulled: dict[str, str] = {}
        self.workspace_pull = False
        self.refresh: Callable[[], None] = lambda: None
        self.refresh_notes: Callable[[], None] = lambda: None
        self._others: dict[Desk, tuple[tuple[str, int], ...]] = {}

    def collect(self, desk: Desk, documents: Sequence[Document]) -> Collected:
        """See `session.Publisher`."""
        told = [one for one in documents if one.kind != OTHER]
        opened = {os.path.realpath(document.path) for document in told}
        teller = self.teller(opened)
        project = desk.project
        closed = {uri_of(path): self._file(project, teller, path, None) for path in project.paths if path not in opened}
        return Collected(tuple((one, self._file(project, teller, one.path, one.text)) for one in told), closed)

    def teller(self, opened: Iterable[str]) -> Teller:
        """Tells findings to the client; `opened` are the real paths of the open documents."""
        paths = frozenset(opened)
        ruler = Ruler(self.session.encoding, lambda path: os.path.realpath(path) in paths)
        return Teller(self.session.client, ruler, self.session.documents.uri_of, self.session.folders)

    def _file(self, project: Project, teller: Teller, path: str, text: str | None) -> Diagnostics:
        found = teller.diagnostics(project.findings(path))
        errors = [each for each in project.errors(path) if not _TOLD_BY_A_FINDING.match(each.message)]
        return [*found, *self._errors(teller, path, text, errors)] if errors else found

    def _errors(self, teller: Teller, path: str, text: str | None, errors: Iterable[RunError]) -> Diagnostics:
        try:
            source = Source(path, text) if text is not None else self.session.documents.buffers.read_source(path)
        except InputError:
            source = Source(path, "")
        return [teller.error(error, source) for error in errors]

    def send(self, desk: Desk, collected: object) -> None:
        """See `session.Publisher`."""
        assert isinstance(collected, Collected)
        if desk not in self.session.desks:
            return  # its folder went, or it began anew, while it was checked
        stale = False
        for document, diagnostics in collected.opened:
            if self.session.documents.get(document.uri) is not document:
                continue
            if not self.session.client.pull:
                if self._told.get(document.uri) != (document.version, diagnostics):
                    self._told[document.uri] = document.version, diagnostics
                    self._send(document.uri, diagnostics, document.version)
                continue
            self.clear(document.uri)
            known = self.pulled.get(document.uri)
            stale = stale or (known is not None and known != result_id(diagnostics))
        for uri in self._by_desk.get(desk, set()) - collected.closed.keys():
            path = path_of(uri)
            if path is None or self.session.documents.at(path) is None:
                self.clear(uri)
        self._by_desk[desk] = set(collected.closed)
        for uri, diagnostics in collected.closed.items() if not self.workspace_pull else ():
            path = path_of(uri)
            if (path is None or self.session.documents.at(path) is None) and self._pushed.get(uri, []) != diagnostics:
                self._send(uri, diagnostics, None)
        if stale and self.session.client.refresh_diagnostics:
            self.refresh()
        others = tuple((one.uri, one.version) for one, _ in collected.opened if one.kind != DOCKERFILE)
        if self._others.get(desk, ()) != others:
            self._others[desk] = others
            self.refresh_notes()

    def clear(self, uri: str) -> None:
        """Take back what was pushed for a file."""
        self._told.pop(uri, None)
        if self._pushed.pop(uri, []):
            self._push(types.PublishDiagnosticsParams(uri, []))

    def forget(self, desk: Desk) -> None:
        """Take back all of a project that is no more."""
        self._others.pop(desk, None)
        for uri in self._by_desk.pop(desk, set()):
            self.clear(uri)

    def no_more_pushes(self) -> None:
        """The client asks for the whole workspace by itself: nothing is pushed from now on."""
        self.workspace_pull = True
        for uri in tuple(self._pushed):
            self.clear(uri)

    def _send(self, uri: str, diagnostics: Diagnostics, version: int | None) -> None:
        self._pushed[uri] = diagnostics
        shown = version if self.session.client.version else None
        self._push(types.PublishDiagnosticsParams(uri, diagnostics, shown))

    async def pull(self, document: Document, previous: str | None) -> types.DocumentDiagnosticReport:
        """What there is to say of one open document now; in short if that is what the client has."""
        desk = self.session.desk_of(document)
        await self.session.up_to_date(desk)
        document = self.session.documents.get(document.uri) or document
        everybody = self.session.documents_of(desk)
        collected = await self.session.work(lambda: self.collect(desk, everybody))
        found = next((each for one, each in collected.opened if one.uri == document.uri), [])
        identity = result_id(found)
        self.pulled[document.uri] = identity
        if identity == previous:
            return types.RelatedUnchangedDocumentDiagnosticReport(result_id=identity)
        return types.RelatedFullDocumentDiagnosticReport(found, result_id=identity)

    async def pull_all(self, previous: Iterable[types.PreviousResultId]) -> types.WorkspaceDiagnosticReport:
        """What there is to say of all files, in short of those of which the client has it."""
        known = {each.uri: each.value for each in previous}
        every: dict[str, tuple[int | None, Diagnostics]] = {}
        for desk in self.session.desks:
            await self.session.up_to_date(desk)
            collect = partial(self.collect, desk, self.session.documents_of(desk))
            collected = await self.session.work(collect)
            every |= {uri: (None, each) for uri, each in collected.closed.items()}
            every |= {one.uri: (one.version, each) for one, each in collected.opened}
        items = [_workspace_report(uri, *told, known.get(uri)) for uri, told in every.items()]
        items += [_workspace_report(uri, None, [], known[uri]) for uri in known if uri not in every]
        return types.WorkspaceDiagnosticReport(items)


def _workspace_report(uri: str, version: int | None, found: Diagnostics, previous: str | None) -> Any:
    identity = result_id(found)
    if identity == previous:
        return types.WorkspaceUnchangedDocumentDiagnosticReport(uri, result_id=identity, version=version)
    return types.WorkspaceFullDocumentDiagnosticReport(uri, found, result_id=identity, version=version)


def result_id(diagnostics: Diagnostics) -> str:
    """The same for the same diagnostics."""
    return f"{len(diagnostics)}-{zlib.crc32(repr(diagnostics).encode('utf-8', 'surrogatepass')):08x}"
