"""An editor for tests: a client with the capabilities that a real one was recorded with, and a server over stdio."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from lsprotocol import types
from pytest_lsp import client_capabilities
from pytest_lsp.client import make_test_lsp_client

from dfguard.lsp.documents import uri_of
from dfguard.lsp.positions import Lines

PATIENCE = 60.0
SERVER = (sys.executable, "-m", "dfguard", "lsp")
CLIENTS = (
    "neovim@v0.6.1", "neovim@v0.7.0", "neovim@v0.8.0", "neovim@v0.9.1", "neovim@v0.10.0", "neovim@v0.11.0",
    "emacs@v29.1", "visual-studio-code@v1.65.2",
)  # fmt: skip


class Editor:
    """One client, its documents, and what it was told."""

    def __init__(self, client: Any, capabilities: types.ClientCapabilities) -> None:
        self.client = client
        self.capabilities = capabilities
        self.server = types.ServerCapabilities()
        self.versions: dict[str, int] = {}
        self.texts: dict[str, str] = {}

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
        where = Lines(self.texts[uri], self.encoding).range(start, end)
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
            lines = Lines(text, self.encoding)
            for one in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
                text = text[: lines.offset(one.range.start)] + one.new_text + text[lines.offset(one.range.end) :]
            self.rewrite(uri, text)

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
            await asyncio.sleep(0.02)

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
    made: Any = make_test_lsp_client()
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
