"""Changes of texts as edits of the protocol: with versions where the client has them, to be confirmed if unsafe."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from lsprotocol import types

from dfguard.edit import UNSAFE, Edit, Fix
from dfguard.lsp.client import Client
from dfguard.lsp.documents import Documents
from dfguard.lsp.positions import Lines, Ruler
from dfguard.source import Source

_CONFIRM = "unsafe"
Edits = list[types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit]


class Writer:
    """Makes workspace edits for one client."""

    def __init__(self, client: Client, ruler: Ruler, documents: Documents) -> None:
        self.client = client
        self.ruler = ruler
        self.documents = documents

    def of_fix(self, fix: Fix) -> types.WorkspaceEdit:
        """What a fix changes; one that a person must look at is to be confirmed, where the client can ask."""
        return self.of_edits(fix.edits, fix.title if fix.kind == UNSAFE else "", "; ".join(fix.notes))

    def of_edits(self, edits: Iterable[Edit], confirm: str = "", note: str = "") -> types.WorkspaceEdit:
        """What edits change; `confirm` is what to ask before, "" for nothing."""
        by_uri: dict[str, list[types.TextEdit]] = {}
        for edit in dict.fromkeys(edits):
            made = types.TextEdit(self.ruler.range(edit.span), edit.text)
            by_uri.setdefault(self.documents.uri_of(edit.span.path), []).append(made)
        return self._edit(by_uri, confirm, note)

    def of_texts(self, texts: Mapping[str, tuple[str, str]]) -> types.WorkspaceEdit:
        """What makes new texts of old ones, by path: the lines that differ."""
        by_uri: dict[str, list[types.TextEdit]] = {}
        for path, (old, new) in texts.items():
            lines = self.ruler.lines(Source(path, old))
            by_uri[self.documents.uri_of(path)] = [*_differences(lines, old, new)]
        return self._edit(by_uri, "", "")

    def _edit(self, by_uri: Mapping[str, list[types.TextEdit]], confirm: str, note: str) -> types.WorkspaceEdit:
        if not self.client.document_changes:
            return types.WorkspaceEdit(changes=dict(by_uri))
        asks = bool(confirm) and self.client.annotations
        changes: list[types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile] = []
        for uri, edits in by_uri.items():
            document = self.documents.get(uri)
            held = types.OptionalVersionedTextDocumentIdentifier(uri, document.version if document else None)
            given: Edits = [
                types.AnnotatedTextEdit(_CONFIRM, edit.range, edit.new_text) if asks else edit for edit in edits
            ]
            changes.append(types.TextDocumentEdit(held, given))
        annotations = {_CONFIRM: types.ChangeAnnotation(confirm, True, note or None)} if asks else None
        return types.WorkspaceEdit(document_changes=changes, change_annotations=annotations)


def _differences(lines: Lines, old: str, new: str) -> Iterable[types.TextEdit]:
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [0]
    for line in before:
        starts.append(starts[-1] + len(line))
    for tag, first, last, start, end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield types.TextEdit(lines.range(starts[first], starts[last]), "".join(after[start:end]))
