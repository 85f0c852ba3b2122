"""What can be done about findings: fixes, comments that silence, and all safe fixes of a file at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from lsprotocol import types

from dfguard import catalog
from dfguard.cli.main import printable
from dfguard.edit import UNSAFE, Fix
from dfguard.finding import Finding
from dfguard.lsp.diagnostics import Teller, identity
from dfguard.lsp.edits import Writer
from dfguard.lsp.suppressing import suppressing
from dfguard.source import Span

QUICK_FIX = types.CodeActionKind.QuickFix.value
SUPPRESS = "quickfix.suppress.dfguard"
FIX_ALL = "source.fixAll.dfguard"
KINDS = (QUICK_FIX, SUPPRESS, FIX_ALL)
FIX_ALL_TITLE = "dfguard: apply all safe fixes"


class Offer:
    """The code actions for one document; `requested` makes the fixes of a finding that are not made unasked."""

    def __init__(self, uri: str, teller: Teller, writer: Writer, requested: Callable[[Finding], Sequence[Fix]]) -> None:
        self.uri = uri
        self.teller = teller
        self.writer = writer
        self.requested = requested

    def actions(
        self, findings: Sequence[Finding], where: types.Range, only: Iterable[str] | None
    ) -> Iterator[types.CodeAction]:
        """The actions for a range: fixes, the best first, then comments; `only` are the kinds that are wanted."""
        near = [finding for finding in findings if self._touches(finding, where)]
        if wants(only, QUICK_FIX):
            for finding in near:
                yield from self._fixes(finding)
        if wants(only, SUPPRESS):
            for finding in near:
                yield from self._silence(finding)

    def _touches(self, finding: Finding, where: types.Range) -> bool:
        if not isinstance(finding.place, Span):
            return False
        place = self.teller.ruler.range(finding.place)
        return _key(place.start) <= _key(where.end) and _key(where.start) <= _key(place.end)

    def _fixes(self, finding: Finding) -> Iterator[types.CodeAction]:
        for number, fix in enumerate(finding.fixes):
            best = number == 0 and fix.kind != UNSAFE
            yield self._action(finding, fix, best=best)
        if not any(map(catalog.load_fixer, catalog.find(finding.code))):
            return
        if "edit" in self.teller.client.resolves and self.teller.client.action_data:
            what = f"{finding.code}: restructure, with a preview"
            data = {"uri": self.uri, "finding": identity(finding)}
            yield types.CodeAction(what, QUICK_FIX, self._diagnostics(finding), data=data)
        else:
            yield from (self._action(finding, fix, best=False) for fix in self.requested(finding))

    def _action(self, finding: Finding, fix: Fix, *, best: bool) -> types.CodeAction:
        unsafe = " (unsafe: have a look)" if fix.kind == UNSAFE else ""
        preferred = best if self.teller.client.preferred else None
        title = f"{finding.code}: {self.teller.short(printable(fix.title))}{unsafe}"
        edit = self.writer.of_fix(fix)
        return types.CodeAction(title, QUICK_FIX, self._diagnostics(finding), preferred or None, edit=edit)

    def _silence(self, finding: Finding) -> Iterator[types.CodeAction]:
        edit = suppressing(finding)
        if edit is not None:
            title = f"{finding.code}: silence it here with a comment"
            yield types.CodeAction(title, SUPPRESS, self._diagnostics(finding), edit=self.writer.of_edits((edit,)))

    def _diagnostics(self, finding: Finding) -> list[types.Diagnostic]:
        return self.teller.diagnostics((finding,))


def wants(only: Iterable[str] | None, kind: str) -> bool:
    """Whether a client that asks for some kinds only wants one: a kind includes those below it."""
    return only is None or any(kind == one or kind.startswith(f"{one}.") or one == "" for one in only)


def asks_for_fix_all(only: Iterable[str] | None) -> bool:
    """Whether a client asks for all safe fixes by name (as on saving), and not just for what there is."""
    return only is not None and any(one.startswith("source") for one in only)


def has_safe_fix(findings: Iterable[Finding]) -> bool:
    """Whether anything can be mended without a look."""
    return any(fix.kind != UNSAFE for finding in findings for fix in finding.fixes)


def is_meant(finding: Finding, data: Any) -> bool:
    """Whether a finding is the one that an action was offered for."""
    return isinstance(finding.place, Span) and identity(finding) == data


def _key(position: types.Position) -> tuple[int, int]:
    return position.line, position.character
