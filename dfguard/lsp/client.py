"""What the editor has announced to understand: whatever is optional is only sent if it stands here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lsprotocol import types

from dfguard.struct import Struct

_TEXT = "text_document"
_FLAGS = {
    "pull": f"{_TEXT}.diagnostic",
    "refresh_diagnostics": "workspace.diagnostics.refresh_support",
    "related": f"{_TEXT}.publish_diagnostics.related_information",
    "code_description": f"{_TEXT}.publish_diagnostics.code_description_support",
    "data": f"{_TEXT}.publish_diagnostics.data_support",
    "version": f"{_TEXT}.publish_diagnostics.version_support",
    "action_literals": f"{_TEXT}.code_action.code_action_literal_support",
    "action_data": f"{_TEXT}.code_action.data_support",
    "preferred": f"{_TEXT}.code_action.is_preferred_support",
    "document_changes": "workspace.workspace_edit.document_changes",
    "annotations": "workspace.workspace_edit.change_annotation_support",
    "watch": "workspace.did_change_watched_files.dynamic_registration",
    "configuration": "workspace.configuration",
    "configuration_events": "workspace.did_change_configuration.dynamic_registration",
    "refresh_hints": "workspace.inlay_hint.refresh_support",
    "refresh_lenses": "workspace.code_lens.refresh_support",
    "nested_symbols": f"{_TEXT}.document_symbol.hierarchical_document_symbol_support",
    "link_tooltips": f"{_TEXT}.document_link.tooltip_support",
    "formats": f"{_TEXT}.formatting",
    "formats_ranges": f"{_TEXT}.range_formatting",
}


class Client(Struct):
    """What a client can do with what it is sent; all is off until it is announced."""

    pull: bool = False
    refresh_diagnostics: bool = False
    related: bool = False
    code_description: bool = False
    data: bool = False
    version: bool = False
    action_literals: bool = False
    action_data: bool = False
    preferred: bool = False
    document_changes: bool = False
    annotations: bool = False
    watch: bool = False
    configuration: bool = False
    configuration_events: bool = False
    refresh_hints: bool = False
    refresh_lenses: bool = False
    nested_symbols: bool = False
    link_tooltips: bool = False
    formats: bool = False
    formats_ranges: bool = False
    markdown: bool = False
    tags: tuple[types.DiagnosticTag, ...] = ()
    resolves: tuple[str, ...] = ()


def client_of(capabilities: types.ClientCapabilities) -> Client:
    """Read what a client announces."""
    formats: Sequence[Any] = _at(capabilities, f"{_TEXT}.hover.content_format") or ()
    tags: Sequence[Any] = _at(capabilities, f"{_TEXT}.publish_diagnostics.tag_support.value_set") or ()
    resolves: Sequence[str] = _at(capabilities, f"{_TEXT}.code_action.resolve_support.properties") or ()
    return Client(
        markdown=types.MarkupKind.Markdown in formats,
        tags=tuple(tags),
        resolves=tuple(resolves),
        **{name: bool(_at(capabilities, path)) for name, path in _FLAGS.items()},
    )


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = getattr(value, name, None)
        if value is None:
            return None
    return value
