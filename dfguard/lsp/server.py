"""The server: what an editor sends, and who answers it. The answers themselves are in the other modules."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, default_converter, lsp_method

from dfguard import __version__
from dfguard.lsp.answers import Answers
from dfguard.lsp.client import client_of
from dfguard.lsp.documents import Document, path_of
from dfguard.lsp.positions import UTF16
from dfguard.lsp.publishing import Publishing
from dfguard.lsp.reading import Reading
from dfguard.lsp.session import Desk, Session
from dfguard.lsp.settings import SECTION, read_settings

WATCHED = (
    "**/{.,*.,}{docker,container}ignore", "**/*[Dd]ockerfile*", "**/*[Cc]ontainerfile*", "**/*compose*.{yml,yaml}",
    "**/*bake*.{hcl,json}", "**/*devcontainer.json", "**/{dfguard,.dfguard,pyproject}.toml", "**/.env", "**/.gitignore",
)  # fmt: skip


class Protocol(LanguageServerProtocol):
    """Keeps the documents by itself: pygls ends lines at characters that editors do not end them at."""

    _server: Server

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        """A document is open from now on."""
        self._server.opened(params.text_document)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        """A document has changed."""
        self._server.changed(params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        """A document is closed: its file counts again."""
        self._server.closed(params.text_document.uri)

    @lsp_method(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def lsp_workspace__did_change_workspace_folders(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        """Folders came or went."""
        self._server.folders_changed(params.event)

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Begin: read what the client can do before it is told what the server can."""
        result: types.InitializeResult = yield from super().lsp_initialize(params)
        told, able = result.capabilities, client_of(params.capabilities)
        told.document_formatting_provider = told.document_formatting_provider if able.formats else None
        told.document_range_formatting_provider = (
            told.document_range_formatting_provider if able.formats_ranges else None
        )
        self._server.begin(params, types.PositionEncodingKind(told.position_encoding or UTF16).value)
        return result


class Server(LanguageServer):
    """dfguard for one editor."""

    def __init__(self) -> None:
        super().__init__("dfguard", __version__, protocol_cls=Protocol, converter_factory=default_converter)
        self.session: Session
        self.publishing: Publishing
        self.answers: Answers
        self.reading: Reading
        self.initial: dict[str, Any] = {}
        self.ended = False

    def begin(self, params: types.InitializeParams, encoding: str) -> None:
        """Take what the client tells of itself."""
        self.session = Session(client_of(params.capabilities), encoding)
        self.publishing = Publishing(self.session, self.text_document_publish_diagnostics)
        self.publishing.refresh = self.ask_to_refresh
        self.session.publisher = self.publishing
        self.answers = Answers(self.session, self.publishing)
        self.answers.say = self.say
        self.reading = Reading(self.session, self.publishing)
        self.configure(params.initialization_options)
        options = params.initialization_options
        inner = options.get(SECTION, options) if isinstance(options, dict) else {}
        self.initial = inner if isinstance(inner, dict) else {}
        folders = [folder.uri for folder in params.workspace_folders or ()]
        for uri in folders or filter(None, (params.root_uri,)):
            path = path_of(uri)
            if path is not None:
                self.session.add_folder(path)

    def started(self) -> None:
        """The client is ready to be asked."""
        self.publishing.refresh_notes = self.ask_to_refresh_notes
        if self.session.client.watch:
            watchers = [types.FileSystemWatcher(pattern) for pattern in WATCHED]
            self._register(
                types.WORKSPACE_DID_CHANGE_WATCHED_FILES, types.DidChangeWatchedFilesRegistrationOptions(watchers)
            )
        if self.session.client.configuration_events:
            self._register(types.WORKSPACE_DID_CHANGE_CONFIGURATION, types.DidChangeConfigurationRegistrationOptions())
        if self.session.client.configuration:
            self.session.spawn(self.fetch_configuration())
        for desk in self.session.folders.values():
            self.session.schedule(desk)

    def _register(self, method: str, options: Any) -> None:
        registration = types.Registration(f"dfguard-{method}", method, options)
        self.client_register_capability(types.RegistrationParams([registration]))

    def configure(self, given: Any) -> None:
        """Take settings over those that the client began with; what is wrong with them is shown."""
        inner = given.get(SECTION, given) if isinstance(given, dict) else {}
        settings, wrong = read_settings({**self.initial, **inner} if isinstance(inner, dict) else inner)
        for message in wrong:
            self.say(message)
        if settings == self.session.settings:
            return
        for desk in self.session.desks:
            self.publishing.forget(desk)
        self.session.configure(settings)
        self.publishing.refresh_notes()
        for document in self.session.documents:
            self.session.schedule(self.session.desk_of(document))

    async def fetch_configuration(self) -> None:
        """Ask the client for the section of its settings that is ours."""
        items = [types.ConfigurationItem(section=SECTION)]
        (found,) = await self.workspace_configuration_async(types.ConfigurationParams(items)) or (None,)
        if isinstance(found, dict):
            self.configure(found)

    def opened(self, given: types.TextDocumentItem) -> None:
        """A document is open from now on."""
        path = path_of(given.uri) or given.uri
        document = Document(given.uri, path, given.language_id, given.version, given.text)
        self.session.documents.put(document)
        self._happened(self.session.desk_of(document), thorough=True)

    def changed(self, params: types.DidChangeTextDocumentParams) -> None:
        """A document has changed."""
        document = self.session.documents.get(params.text_document.uri)
        if document is not None:
            new = document.changed(params.text_document.version, params.content_changes, self.session.encoding)
            self.session.documents.put(new)
            self._happened(self.session.desk_of(new), thorough=False)

    def closed(self, uri: str) -> None:
        """A document is closed."""
        document = self.session.documents.get(uri)
        if document is None:
            return
        desk = self.session.desk_of(document)
        self.session.documents.drop(uri)
        self.publishing.clear(uri)
        self.publishing.pulled.pop(uri, None)
        if self.session.alone.pop(document.path, None) is None:
            self._happened(desk, thorough=True)
        else:
            self.publishing.forget(desk)

    def folders_changed(self, event: types.WorkspaceFoldersChangeEvent) -> None:
        """Folders of the workspace came or went."""
        for folder in event.removed:
            desk = self.session.drop_folder(path_of(folder.uri) or "")
            if desk is not None:
                self.publishing.forget(desk)
        for folder in event.added:
            path = path_of(folder.uri)
            if path is not None:
                self.session.add_folder(path)
        for desk in self.session.desks:
            self._happened(desk, thorough=True)

    def end(self) -> None:
        """The client is about to leave."""
        self.ended = True
        self.session.stop()

    def files_changed(self, params: types.DidChangeWatchedFilesParams) -> None:
        """Files on disk have changed."""
        came_or_went = any(change.type != types.FileChangeType.Changed for change in params.changes)
        for desk in self.session.desks:
            if came_or_went:
                desk.searched_at = 0.0
            self._happened(desk, thorough=True)
        self.ask_to_refresh_notes()

    def saved(self, params: types.DidSaveTextDocumentParams) -> None:
        """A document was written."""
        document = self.session.documents.get(params.text_document.uri)
        if document is not None:
            self._happened(self.session.desk_of(document), thorough=True)

    def _happened(self, desk: Desk, *, thorough: bool) -> None:
        self.session.touch(desk, thorough=thorough)
        self.session.schedule(desk)

    def say(self, message: str) -> None:
        """Show the user a message."""
        self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, message))

    def ask_to_refresh(self) -> None:
        """Ask the client to ask again for diagnostics."""
        self.workspace_diagnostic_refresh(None)

    def ask_to_refresh_notes(self) -> None:
        """Ask the client to ask again for what lines bring: it may be another thing though their file is the same."""
        if self.session.client.refresh_hints:
            self.workspace_inlay_hint_refresh(None)
        if self.session.client.refresh_lenses:
            self.workspace_code_lens_refresh(None)
