"""Answers to what is asked while a Dockerfile is read or written: names, outline, links, hints and completion."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from dfguard.edit import Edit
from dfguard.formatting import formatted
from dfguard.lsp import hints, links, names, outline
from dfguard.lsp.completion import complete
from dfguard.lsp.documents import DOCKERFILE
from dfguard.lsp.edits import Writer
from dfguard.lsp.names import Occurrence
from dfguard.lsp.positions import Ruler
from dfguard.lsp.publishing import Publishing
from dfguard.lsp.renaming import outside
from dfguard.lsp.session import Session
from dfguard.source import Source
from dfguard.unit import Unit

T = TypeVar("T")


class Reading:
    """Answers from one Dockerfile in the first of its builds, as it stands in the editor."""

    def __init__(self, session: Session, publishing: Publishing) -> None:
        self.session = session
        self.publishing = publishing

    async def _of(self, uri: str, what: Callable[[Unit, Ruler], T]) -> T | None:
        """What `what` makes of an open Dockerfile; None for everything else."""
        document = self.session.documents.get(uri)
        if document is None or document.kind != DOCKERFILE:
            return None
        desk = self.session.desk_of(document)
        await self.session.up_to_date(desk)
        path = document.path
        ruler = self.publishing.teller(os.path.realpath(one.path) for one in self.session.documents).ruler

        def answer() -> T | None:
            units = desk.project.units(path)
            return what(units[0], ruler) if units else None

        return await self.session.work(answer)

    async def _named(self, params: Any, what: Callable[[Unit, Ruler, Occurrence], T]) -> T | None:
        """What `what` makes of the name at a place; None where there is none."""

        def answer(unit: Unit, ruler: Ruler) -> T | None:
            found = names.at(unit, ruler.lines(unit.dockerfile.source).offset(params.position))
            return what(unit, ruler, found) if found is not None else None

        return await self._of(params.text_document.uri, answer)

    async def definition(self, params: types.DefinitionParams) -> types.Location | None:
        """Where a stage or variable is given."""

        def answer(unit: Unit, ruler: Ruler, found: Occurrence) -> types.Location | None:
            span = names.definition(unit, found)
            return types.Location(params.text_document.uri, ruler.range(span)) if span is not None else None

        return await self._named(params, answer)

    async def references(self, params: types.ReferenceParams) -> list[types.Location] | None:
        """All places of a stage or variable."""
        every, uri = params.context.include_declaration, params.text_document.uri

        def answer(unit: Unit, ruler: Ruler, found: Occurrence) -> list[types.Location]:
            wanted = (one for one in names.same(unit, found) if every or not one.given)
            return [types.Location(uri, ruler.range(one.span)) for one in wanted]

        return await self._named(params, answer)

    async def highlights(self, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight] | None:
        """The same, to be marked."""
        kinds = {True: types.DocumentHighlightKind.Write, False: types.DocumentHighlightKind.Read}

        def answer(unit: Unit, ruler: Ruler, found: Occurrence) -> list[types.DocumentHighlight]:
            every = names.same(unit, found)
            return [types.DocumentHighlight(ruler.range(one.span), kinds[one.given]) for one in every]

        return await self._named(params, answer)

    async def prepare_rename(self, params: types.PrepareRenameParams) -> types.Range | None:
        """The place of a name that can be given another one."""

        def answer(unit: Unit, ruler: Ruler, found: Occurrence) -> types.Range | None:
            return ruler.range(found.span) if names.is_given(unit, found) else None

        return await self._named(params, answer)

    async def rename(self, params: types.RenameParams) -> types.WorkspaceEdit | None:
        """Give a stage or variable another name everywhere; raises JsonRpcInvalidParams where that can't be."""

        def answer(unit: Unit, ruler: Ruler, found: Occurrence) -> types.WorkspaceEdit:
            why = names.refusal(unit, found, params.new_name)
            if why:
                raise JsonRpcInvalidParams(why)
            document = self.session.documents.get(params.text_document.uri)
            jobs = self.session.desk_of(document).project.jobs if document is not None else ()
            more, why = outside(unit, found, params.new_name, jobs)
            if why:
                raise JsonRpcInvalidParams(why)
            edits = [*(Edit(one.span, params.new_name) for one in names.same(unit, found)), *more]
            return Writer(self.session.client, ruler, self.session.documents).of_edits(edits)

        return await self._named(params, answer)

    async def symbols(self, params: types.DocumentSymbolParams) -> Any:
        """See `outline`."""
        uri = params.text_document.uri
        found = await self._of(uri, lambda unit, ruler: outline.symbols(unit.dockerfile, ruler))
        return found if self.session.client.nested_symbols or found is None else [*outline.flat(found, uri)]

    async def folds(self, params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
        """See `outline`."""
        return await self._of(params.text_document.uri, lambda unit, ruler: [*outline.folds(unit.dockerfile, ruler)])

    async def links(self, params: types.DocumentLinkParams) -> list[types.DocumentLink] | None:
        """See `links`."""
        uri_of = self.session.documents.uri_of
        found = await self._of(params.text_document.uri, lambda unit, ruler: [*links.links(unit, ruler, uri_of)])
        if found is not None and not self.session.client.link_tooltips:
            return [types.DocumentLink(one.range, one.target) for one in found]
        return found

    async def hints(self, params: types.InlayHintParams) -> list[types.InlayHint] | None:
        """See `hints`."""
        if not self.session.settings.inlay_hints:
            return None
        return await self._of(params.text_document.uri, lambda unit, ruler: hints.hints(unit, ruler, params.range))

    async def lenses(self, params: types.CodeLensParams) -> list[types.CodeLens] | None:
        """See `hints`."""
        if not self.session.settings.code_lens:
            return None
        return await self._of(params.text_document.uri, lambda unit, ruler: hints.lenses(unit, ruler))

    async def layout(
        self, params: types.DocumentFormattingParams | types.DocumentRangeFormattingParams
    ) -> list[types.TextEdit] | None:
        """Lay a Dockerfile out evenly, or the lines of a range; see `formatting`."""
        document = self.session.documents.get(params.text_document.uri)
        if document is None or document.kind != DOCKERFILE:
            return None
        source = Source(document.path, document.text)
        lines = Ruler(self.session.encoding, lambda path: True).lines(source)
        where = params.range if isinstance(params, types.DocumentRangeFormattingParams) else None
        first, last = 0, len(document.text)
        if where is not None:
            first = lines.offset(types.Position(where.start.line, 0))
            last = lines.offset(types.Position(where.end.line, 4 * len(document.text) if where.end.character else 0))

        def answer() -> list[types.TextEdit]:
            edits = formatted(source, first, last)
            return [types.TextEdit(lines.range(edit.span.start, edit.span.end), edit.text) for edit in edits]

        return await self.session.work(answer)

    async def completion(self, params: types.CompletionParams) -> types.CompletionList | None:
        """See `completion`."""

        def answer(unit: Unit, ruler: Ruler) -> types.CompletionList:
            lines = ruler.lines(unit.dockerfile.source)
            return complete(unit, lines.offset(params.position), lines)

        return await self._of(params.text_document.uri, answer)
