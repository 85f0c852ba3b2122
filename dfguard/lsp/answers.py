"""Answers to requests: each waits until the document is checked as it is, and asks the module that knows."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from lsprotocol import types

from dfguard.cli.main import printable
from dfguard.edit import Fix
from dfguard.finding import Finding
from dfguard.lsp import actions
from dfguard.lsp.actions import Offer
from dfguard.lsp.documents import Document
from dfguard.lsp.edits import Writer
from dfguard.lsp.hover import hover_on
from dfguard.lsp.mending import all_fixed, requested_fixes
from dfguard.lsp.publishing import Publishing
from dfguard.lsp.session import Desk, Session


class Answers:
    """Answers the requests of one client."""

    def __init__(self, session: Session, publishing: Publishing) -> None:
        self.session = session
        self.publishing = publishing
        self.say: Callable[[str], None] = lambda text: None

    async def _at(self, uri: str) -> tuple[Document, Desk] | None:
        """A document as it is once it is checked; None for one that is not open."""
        document = self.session.documents.get(uri)
        if document is None:
            return None
        desk = self.session.desk_of(document)
        await self.session.up_to_date(desk)
        return self.session.documents.get(uri) or document, desk

    async def code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction] | None:
        """See `actions`."""
        found = await self._at(params.text_document.uri)
        if found is None or not self.session.client.action_literals:
            return None
        document, desk = found
        return await self.session.work(lambda: self._actions(document, desk, params))

    def _actions(self, document: Document, desk: Desk, params: types.CodeActionParams) -> list[types.CodeAction]:
        only = params.context.only
        findings = desk.project.findings(document.path)
        offer = self._offer(document, desk)
        made = list(offer.actions(findings, params.range, only))
        if actions.wants(only, actions.FIX_ALL) and actions.has_safe_fix(findings):
            data = {"uri": document.uri, "all": True}
            action = types.CodeAction(actions.FIX_ALL_TITLE, actions.FIX_ALL, data=data)
            lazy = "edit" in self.session.client.resolves and not actions.asks_for_fix_all(only)
            made.append(action if lazy else self._fix_all(action, document, desk))
        return made

    def _offer(self, document: Document, desk: Desk) -> Offer:
        teller, writer = self._tools()

        def requested(finding: Finding) -> tuple[Fix, ...]:
            return requested_fixes(desk.project, finding)[0]

        return Offer(document.uri, teller, writer, requested)

    def _tools(self) -> tuple[Any, Writer]:
        teller = self.publishing.teller(os.path.realpath(one.path) for one in self.session.documents)
        return teller, Writer(self.session.client, teller.ruler, self.session.documents)

    def _fix_all(self, action: types.CodeAction, document: Document, desk: Desk) -> types.CodeAction:
        texts = all_fixed(desk.project, document.path, self.session.documents.buffers)
        action.edit = self._tools()[1].of_texts(texts)
        return action

    async def resolve_action(self, action: types.CodeAction) -> types.CodeAction:
        """Make the edit of an action that was offered without one."""
        data: Any = action.data
        found = await self._at(data.get("uri", "")) if isinstance(data, dict) else None
        if found is None:
            return action
        document, desk = found
        action = await self.session.work(lambda: self._resolved(action, document, desk))
        if action.disabled is not None:
            self.say(action.disabled.reason)
            action.disabled = None
        return action

    def _resolved(self, action: types.CodeAction, document: Document, desk: Desk) -> types.CodeAction:
        data: Any = action.data
        if data.get("all"):
            return self._fix_all(action, document, desk)
        meant = (one for one in desk.project.findings(document.path) if actions.is_meant(one, data.get("finding")))
        for finding in meant:
            fixes, reasons = requested_fixes(desk.project, finding)
            for fix in fixes[:1]:
                action.edit = self._tools()[1].of_fix(fix)
            if not fixes:
                action.disabled = types.CodeActionDisabled(
                    self._tools()[0].short(printable("; ".join(reasons) or "there is no such fix"))
                )
        return action

    async def hover(self, params: types.HoverParams) -> types.Hover | None:
        """See `hover`."""
        found = await self._at(params.text_document.uri)
        if found is None:
            return None
        document, desk = found
        teller = self._tools()[0]
        return await self.session.work(lambda: hover_on(document, desk.project, params.position, teller))
