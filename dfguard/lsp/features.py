"""Which request is answered by what."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from lsprotocol import types

from dfguard.lsp.actions import KINDS
from dfguard.lsp.server import Server
from dfguard.lsp.settings import SECTION

Handler = Callable[[Any], Awaitable[Any]]


def register(server: Server) -> None:
    """Tell the server of all that it can answer."""
    _notifications(server)
    _diagnostics(server)
    answers: dict[str, tuple[str, Any]] = {
        types.TEXT_DOCUMENT_CODE_ACTION: ("code_actions", types.CodeActionOptions(list(KINDS), resolve_provider=True)),
        types.CODE_ACTION_RESOLVE: ("resolve_action", None),
        types.TEXT_DOCUMENT_HOVER: ("hover", None),
    }
    for method, (name, options) in answers.items():
        _register(server, method, "answers", name, options)
    completion = types.CompletionOptions(trigger_characters=["$", "{", "-", "=", ",", "/"])
    for method, name, options in (
        (types.TEXT_DOCUMENT_COMPLETION, "completion", completion),
        (types.TEXT_DOCUMENT_DEFINITION, "definition", None),
        (types.TEXT_DOCUMENT_REFERENCES, "references", None),
        (types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, "highlights", None),
        (types.TEXT_DOCUMENT_PREPARE_RENAME, "prepare_rename", None),
        (types.TEXT_DOCUMENT_RENAME, "rename", None),
        (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, "symbols", None),
        (types.TEXT_DOCUMENT_FOLDING_RANGE, "folds", None),
        (types.TEXT_DOCUMENT_DOCUMENT_LINK, "links", None),
        (types.TEXT_DOCUMENT_INLAY_HINT, "hints", None),
        (types.TEXT_DOCUMENT_CODE_LENS, "lenses", None),
        (types.TEXT_DOCUMENT_FORMATTING, "layout", None),
        (types.TEXT_DOCUMENT_RANGE_FORMATTING, "layout", None),
    ):
        _register(server, method, "reading", name, options)


def _register(server: Server, method: str, who: str, name: str, options: Any) -> None:
    async def answer(params: Any) -> Any:
        return await getattr(getattr(server, who), name)(params)

    server.feature(method, options)(answer)


def _notifications(server: Server) -> None:
    server.feature(types.INITIALIZED)(lambda params: server.started())
    server.feature(types.SHUTDOWN)(lambda params: server.end())
    server.feature(types.TEXT_DOCUMENT_DID_SAVE)(lambda params: server.saved(params))
    server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)(lambda params: server.files_changed(params))

    async def configuration_changed(params: types.DidChangeConfigurationParams) -> None:
        if isinstance(params.settings, dict) and SECTION in params.settings:
            server.configure(params.settings)
        elif server.session.client.configuration:
            await server.fetch_configuration()

    server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)(configuration_changed)


def _diagnostics(server: Server) -> None:
    options = types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=True, identifier="dfguard")

    async def pull(params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        document = server.session.documents.get(params.text_document.uri)
        if document is None:
            return types.RelatedFullDocumentDiagnosticReport([])
        return await server.publishing.pull(document, params.previous_result_id)

    async def pull_all(params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        server.publishing.no_more_pushes()
        return await server.publishing.pull_all(params.previous_result_ids)

    server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)(pull)
    server.feature(types.WORKSPACE_DIAGNOSTIC)(pull_all)
