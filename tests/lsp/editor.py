"""An editor for tests: a client with the capabilities that a real one was recorded with, and a server over stdio."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import client_capabilities
from pytest_lsp.client import DEFAULT_CLIENT_FEATURES, LanguageClient, register_lsp_features

from dfguard.lsp.documents import uri_of

PATIENCE = 60.0
SERVER = (sys.executable, "-m", "dfguard", "lsp")
CLIENTS = tuple(
    sorted(
        each.name.removesuffix(".json").replace("_v", "@v")
        for each in resources.files("pytest_lsp.clients").iterdir()
        if each.name.endswith(".json")
    )
)
"""All that pytest-lsp has recorded."""
_CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}


def lines_of(text: str) -> list[str]:
    """The lines of a text with their ends, as the protocol ends them."""
    return [*re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z", text), ""]


def offset_in(text: str, place: types.Position, encoding: str) -> int:
    """Where a place is in a text; fails in the middle of a character and past the end of a line."""
    codec, size = _CODECS[encoding]
    lines = lines_of(text)
    if place.line >= len(lines):
        return len(text)
    line = lines[place.line]
    units = line.rstrip("\r\n").encode(codec)
    assert place.character * size <= len(units), f"{place} is not in {line!r}"
    return sum(map(len, lines[: place.line])) + len(units[: place.character * size].decode(codec))


def place_in(text: str, offset: int, encoding: str) -> types.Position:
    """The place of an offset of a text."""
    codec, size = _CODECS[encoding]
    *above, last = lines_of(text[:offset])[:-1] or [""]
    if last.endswith(("\r", "\n")):
        above, last = [*above, last], ""
    return types.Position(len(above), len(last.encode(codec)) // size)


def answering_in(capabilities: types.ClientCapabilities, *, pulls: bool) -> types.ClientCapabilities:
    """The same client, asking for diagnostics by itself or not."""
    assert capabilities.text_document is not None
    capabilities.text_document.diagnostic = types.DiagnosticClientCapabilities() if pulls else None
    return capabilities


def _published(ls: Any, params: types.PublishDiagnosticsParams) -> None:
    ls.published.append(params)
    ls.diagnostics[params.uri] = params.diagnostics


def _registered(ls: Any, params: types.RegistrationParams) -> None:
    ls.registered += [one.method for one in params.registrations]


def _new_client() -> Any:
    client: Any = LanguageClient(converter_factory=default_converter)
    client.published, client.registered, client.refreshed = [], [], []
    mine = {
        types.WORKSPACE_INLAY_HINT_REFRESH: lambda params: client.refreshed.append("hints"),
        types.WORKSPACE_CODE_LENS_REFRESH: lambda params: client.refreshed.append("lenses"),
        types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS: _published,
        types.CLIENT_REGISTER_CAPABILITY: _registered,
    }
    register_lsp_features(client, DEFAULT_CLIENT_FEATURES | mine)
    return client


class Editor:
    """One client, its documents, and what it was told."""

    def __init__(self, client: Any, capabilities: types.ClientCapabilities) -> None:
        self.client = client
        self.capabilities = capabilities
        self.server = types.ServerCapabilities()
        self.versions: dict[str, int] = {}
        self.texts: dict[str, str] = {}
        self.registered: list[str] = client.registered
        self.published: list[types.PublishDiagnosticsParams] = client.published
        self.refreshed: list[str] = client.refreshed

    @property
    def pulls(self) -> bool:
        """Whether it asks for diagnostics by itself."""
        text = self.capabilities.text_document
        return text is not None and text.diagnostic is not None

    @property
    def encoding(self) -> str:
        """The encoding of positions that was agreed on."""
        found: Any = self.server.position_encoding or "utf-16"
        return str(getattr(found, "value", found))

    def open(self, path: Path, text: str | None = None, language: str = "dockerfile") -> str:
        """Open a file, with another text than it has on disk if one is given."""
        uri = uri_of(str(path))
        self.texts[uri] = path.read_bytes().decode() if text is None else text
        self.versions[uri] = 1
        item = types.TextDocumentItem(uri, language, 1, self.texts[uri])
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def close(self, uri: str) -> None:
        """Close a document."""
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def replace(self, uri: str, start: int, end: int, text: str) -> None:
        """Change characters of a document."""
        where = types.Range(*(place_in(self.texts[uri], at, self.encoding) for at in (start, end)))
        self.texts[uri] = self.texts[uri][:start] + text + self.texts[uri][end:]
        self.change(uri, [types.TextDocumentContentChangePartial(where, text)])

    def rewrite(self, uri: str, text: str) -> None:
        """Give a document a new text."""
        self.texts[uri] = text
        self.change(uri, [types.TextDocumentContentChangeWholeDocument(text)])

    def change(self, uri: str, changes: list[Any]) -> None:
        """Send changes that were made to `texts` already."""
        self.versions[uri] += 1
        identifier = types.VersionedTextDocumentIdentifier(version=self.versions[uri], uri=uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, changes))

    def save(self, uri: str, path: Path) -> None:
        """Write a document to its file, and tell so."""
        path.write_bytes(self.texts[uri].encode())
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(uri)))

    def apply(self, edit: types.WorkspaceEdit) -> None:
        """Do what an edit says, as an editor does: the last place first."""
        changes: dict[str, Any] = dict(edit.changes or {})
        for each in edit.document_changes or ():
            assert isinstance(each, types.TextDocumentEdit)
            assert each.text_document.version in (None, self.versions.get(each.text_document.uri))
            changes[each.text_document.uri] = each.edits
        for uri, edits in changes.items():
            text = self.texts[uri]
            for one in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
                start, end = (offset_in(text, at, self.encoding) for at in (one.range.start, one.range.end))
                text = text[:start] + one.new_text + text[end:]
            self.rewrite(uri, text)

    def under(self, uri: str, where: types.Range) -> str:
        """The text of a range, as this client counts."""
        start, end = (offset_in(self.texts[uri], at, self.encoding) for at in (where.start, where.end))
        return self.texts[uri][start:end]

    def find(self, uri: str, word: str, inside: int = 1) -> types.Position:
        """The place of a word, some characters into it."""
        return place_in(self.texts[uri], self.texts[uri].index(word) + inside, self.encoding)

    def spot(self, uri: str, word: str, inside: int = 1) -> tuple[int, int]:
        """The same as two numbers."""
        place = self.find(uri, word, inside)
        return place.line, place.character

    async def diagnostics(self, uri: str, wanted: Callable[[Any], Any] = bool) -> list[types.Diagnostic]:
        """What is shown in a file, once it is as `wanted` says; asked for by editors that do so."""
        if self.pulls and uri in self.versions:
            return await self._until(lambda: self._pulled(uri), wanted)

        async def pushed() -> list[types.Diagnostic] | None:
            found = self.client.diagnostics.get(uri)
            return None if found is None else list(found)

        return await self._until(pushed, wanted)

    async def _pulled(self, uri: str) -> list[types.Diagnostic]:
        asked = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
        report = await self.client.text_document_diagnostic_async(asked)
        return list(report.items)

    async def _until(
        self, look: Callable[[], Coroutine[Any, Any, list[types.Diagnostic] | None]], wanted: Callable[[Any], Any]
    ) -> list[types.Diagnostic]:
        deadline = asyncio.get_running_loop().time() + PATIENCE / 2
        while True:
            found = await look()
            if found is not None and wanted(found):
                return found
            assert asyncio.get_running_loop().time() < deadline, f"not what was waited for: {found}"
            await asyncio.sleep(0.05)

    async def actions(self, uri: str, line: int, only: list[str] | None = None) -> list[types.CodeAction]:
        """The actions for a line."""
        where = types.Range(types.Position(line, 0), types.Position(line, 1000))
        context = types.CodeActionContext([], only=only)
        params = types.CodeActionParams(types.TextDocumentIdentifier(uri), where, context)
        return list(await self.client.text_document_code_action_async(params) or ())

    async def hover(self, uri: str, line: int, character: int) -> str:
        """What is shown where the mouse rests, "" for nothing."""
        params = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(line, character))
        found = await self.client.text_document_hover_async(params)
        return found.contents.value if found else ""


@asynccontextmanager
async def editor(
    folder: Path | None,
    client: str | types.ClientCapabilities = "neovim@v0.9.1",
    settings: dict[str, Any] | None = None,
) -> AsyncIterator[Editor]:
    """An editor with a folder open (None for single files) and a server of its own."""
    capabilities = client_capabilities(client) if isinstance(client, str) else client
    made = _new_client()
    await made.start_io(*SERVER)
    found = Editor(made, capabilities)
    uri = uri_of(str(folder)) if folder is not None else None
    folders = [types.WorkspaceFolder(uri, "folder")] if uri is not None else None
    params = types.InitializeParams(
        capabilities=capabilities, root_uri=uri, workspace_folders=folders, initialization_options=settings
    )
    try:
        found.server = (await made.initialize_session(params)).capabilities
        yield found
        await asyncio.wait_for(made.shutdown_session(), PATIENCE)
    finally:
        if made._server.returncode is None:
            made._server.kill()  # a test has failed: nobody told the server to leave
        await made.stop()


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run the part of a test that is asynchronous."""
    asyncio.run(asyncio.wait_for(coroutine, PATIENCE))
