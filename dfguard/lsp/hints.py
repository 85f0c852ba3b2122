"""What COPY, ADD and FROM bring, in a few words beside their lines."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from dfguard.dockerfile.nodes import Add, Copy, From
from dfguard.lsp.brings import base_summary, brought
from dfguard.lsp.positions import Ruler
from dfguard.source import Span
from dfguard.unit import Unit


def notes(unit: Unit) -> Iterator[tuple[Span, str]]:
    """The instructions that bring something, with what it is."""
    for instruction, _ in unit.instructions:
        if isinstance(instruction, From):
            summary = base_summary(unit, instruction)
        elif isinstance(instruction, (Copy, Add)):
            found = brought(unit, instruction)
            summary = found.summary if found is not None else ""
        else:
            continue
        if summary:
            yield instruction.span, summary


def hints(unit: Unit, ruler: Ruler, where: types.Range) -> list[types.InlayHint]:
    """The notes on the lines of a range, at the ends of their first lines."""
    found = []
    for span, text in notes(unit):
        line = span.text.split("\n", 1)[0].rstrip("\r")
        end = ruler.range(span.sub(len(line), len(line))).start
        if where.start.line <= end.line <= where.end.line:
            found.append(types.InlayHint(end, text, padding_left=True))
    return found


def lenses(unit: Unit, ruler: Ruler) -> list[types.CodeLens]:
    """The notes above their lines."""
    return [types.CodeLens(ruler.range(span), types.Command(text, "")) for span, text in notes(unit)]
