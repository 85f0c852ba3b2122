"""What is shown where the mouse rests: pages of rules, values of variables, what lines bring and drop."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsprotocol import types

from dfguard.cli.main import printable
from dfguard.context.ignore import IgnorePattern
from dfguard.dockerfile.nodes import Add, Copy, From, Instruction
from dfguard.dockerfile.uses import VariableUse, variable_uses
from dfguard.finding import Finding
from dfguard.lsp.brings import base_page, copy_page
from dfguard.lsp.diagnostics import Teller, sentence
from dfguard.lsp.documents import DOCKERFILE, IGNORE, Document
from dfguard.lsp.pages import rule_page
from dfguard.lsp.project import Project
from dfguard.report.mask import mask_secrets
from dfguard.secrets.values import credential_name
from dfguard.source import Source, Span
from dfguard.unit import Unit

_COMMENT = re.compile(r"#+[ \t]*dfguard[ \t]*:[ \t]*ignore[^\n]*", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
SHOWN = 12


def hover_on(document: Document, project: Project, where: types.Position, teller: Teller) -> types.Hover | None:
    """What there is to say of a place; None for nothing."""
    source = Source(document.path, document.text)
    offset = teller.ruler.lines(source).offset(where)
    said = list(_said(document, project, source, offset, teller))
    if not said:
        return None
    text = "\n\n---\n\n".join(said)
    kind = types.MarkupKind.Markdown if teller.client.markdown else types.MarkupKind.PlainText
    return types.Hover(types.MarkupContent(kind, text))


def _said(document: Document, project: Project, source: Source, offset: int, teller: Teller) -> Iterator[str]:
    page = code_page(source, offset)
    if page:
        yield page
        return
    if document.kind == DOCKERFILE:
        for unit in project.units(document.path)[:1]:
            yield from _in_dockerfile(unit, offset, teller)
    elif document.kind == IGNORE:
        yield from _in_ignore_file(document, project, offset, teller)
    near = [one for one in project.findings(document.path) if _lies_at(one, offset)]
    yield from (_finding_page(finding, teller) for finding in near[:3])


def code_page(source: Source, offset: int) -> str:
    """The page of the rule whose code or name stands at a place of a comment that silences it; "" elsewhere."""
    line = source.line_of(offset)
    start, text = source.line_starts[line - 1], source.line_text(line)
    comment = _COMMENT.search(text)
    if comment is None:
        return ""
    at = offset - start
    word = next((one for one in _WORD.finditer(text, comment.start()) if one.start() <= at <= one.end()), None)
    return rule_page(word[0]) if word is not None else ""


def _lies_at(finding: Finding, offset: int) -> bool:
    return isinstance(finding.place, Span) and finding.place.start <= offset <= finding.place.end


def _finding_page(finding: Finding, teller: Teller) -> str:
    return f"**{finding.severity.value}**: {teller.short(sentence(finding))}\n\n{rule_page(finding.code)}"


def _in_dockerfile(unit: Unit, offset: int, teller: Teller) -> Iterator[str]:
    instruction = instruction_at(unit, offset)
    if instruction is None:
        return
    use = use_at(unit, instruction, offset)
    if use is not None:
        yield value_of(unit, use)
    elif isinstance(instruction, From):
        yield base_page(unit, instruction)
    elif isinstance(instruction, (Copy, Add)):
        root = unit.context.root if unit.context is not None else ""
        page = copy_page(unit, instruction, teller.folder(root, unit.dockerfile.source.path))
        if page:
            yield page


def instruction_at(unit: Unit, offset: int) -> Instruction | None:
    """The instruction that a place lies in, the trigger for one of ONBUILD."""
    found = [one for one, _ in unit.instructions if one.span.start <= offset <= one.span.end]
    return found[-1] if found else None


def use_at(unit: Unit, instruction: Instruction, offset: int) -> VariableUse | None:
    """The variable that the builder replaces at a place."""
    uses = variable_uses(instruction, unit.dockerfile.escape)
    return next((use for use in uses if use.span.start <= offset <= use.span.end), None)


def value_of(unit: Unit, use: VariableUse) -> str:
    """What the builder puts in the place of a variable."""
    scope = unit.graph.scope_at(use.instruction)
    expanded = scope.expand(use.span.text)
    name = f"`{printable(use.span.text)}`"
    if expanded.error:
        return f"{name}: {printable(expanded.error)}"
    if not expanded.unknown:
        if credential_name(use.name) or mask_secrets(expanded.value) != expanded.value:
            return f"{name} has a value here, which is not shown: it may be a secret"
        return f"{name} is `{printable(expanded.value)}` here"
    if scope.is_given(use.name):
        return f"{name}: given by the builder or the base image, so its value is not known"
    return f"{name} has no value here"


def _in_ignore_file(document: Document, project: Project, offset: int, teller: Teller) -> Iterator[str]:
    for unit in project.ignore_units(document.path):
        pattern = next((one for one in unit.ignore.patterns if one.span.start <= offset <= one.span.end), None)
        if pattern is not None and unit.effects is not None:
            yield _line_page(pattern, unit, teller)


def _line_page(pattern: IgnorePattern, unit: object, teller: Teller) -> str:
    """What a line of an ignore file does to a context."""
    effects = unit.effects  # type: ignore[attr-defined]
    context = effects.context
    decided = [one for one in (*context.dropped, *context.files) if one.pattern == pattern]
    root = teller.folder(context.root, pattern.span.path)
    verb = "keeps" if pattern.negated else "drops"
    mine = [one for one in decided if one.kept == pattern.negated]
    if not mine:
        return f"`{printable(pattern.text)}` {verb} nothing in the build context `{root}`"
    rows = [f"- `{printable(one.path)}{'/' if one.kind == 'dir' else ''}`" for one in mine[:SHOWN]]
    more = [f"- and {len(mine) - SHOWN:,} more"] if len(mine) > SHOWN else []
    return "\n".join([f"{verb} {len(mine):,} of the build context `{root}`:", "", *rows, *more])
