"""What a Dockerfile is made of, for outlines and for folding."""

from __future__ import annotations

from collections.abc import Iterator

from lsprotocol import types

from dfguard.cli.main import printable
from dfguard.dockerfile.nodes import Arg, Comment, Dockerfile, Env, From, Instruction, Label
from dfguard.lsp.positions import Ruler
from dfguard.report.mask import mask_secrets
from dfguard.source import Span

_LONGEST = 60


def symbols(dockerfile: Dockerfile, ruler: Ruler) -> list[types.DocumentSymbol]:
    """The stages with their instructions, and the arguments before the first one."""
    found: list[types.DocumentSymbol] = []
    for instruction in dockerfile.instructions:
        if isinstance(instruction, From):
            name = instruction.alias.raw if instruction.alias else instruction.image.raw
            place = ruler.range(instruction.span)
            detail = printable(instruction.image.raw)
            kind = types.SymbolKind.Module
            found.append(types.DocumentSymbol(printable(name) or "FROM", kind, place, place, detail, children=[]))
        elif instruction.stage_index >= 0 and found and found[-1].children is not None:
            symbol = _symbol(instruction, ruler, types.SymbolKind.Field)
            found[-1].children = [*found[-1].children, symbol]
            found[-1].range = types.Range(found[-1].range.start, symbol.range.end)
        elif isinstance(instruction, Arg):
            found.append(_symbol(instruction, ruler, types.SymbolKind.Constant))
    return found


def _symbol(instruction: Instruction, ruler: Ruler, kind: types.SymbolKind) -> types.DocumentSymbol:
    """Its first line, but for values: an outline is on screens that are shared."""
    place = ruler.range(instruction.span)
    words = " ".join(mask_secrets(instruction.span.text).split("\n", 1)[0].split())
    if isinstance(instruction, (Arg, Env, Label)):
        words = words.partition("=")[0]
    shown = words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"
    return types.DocumentSymbol(printable(shown) or instruction.name, kind, place, ruler.range(instruction.keyword))


def flat(found: list[types.DocumentSymbol], uri: str, around: str | None = None) -> Iterator[types.SymbolInformation]:
    """The same for a client that knows no trees."""
    for symbol in found:
        where = types.Location(uri, symbol.range)
        yield types.SymbolInformation(where, symbol.name, symbol.kind, container_name=around)
        yield from flat(list(symbol.children or ()), uri, symbol.name)


def folds(dockerfile: Dockerfile, ruler: Ruler) -> Iterator[types.FoldingRange]:
    """Stages, instructions and heredocs over several lines, and blocks of comments."""
    instructions = dockerfile.instructions
    starts = [at for at, one in enumerate(instructions) if isinstance(one, From)]
    for at, end in zip(starts, [*starts[1:], len(instructions)], strict=True):
        yield from _fold(instructions[at].span.to(instructions[end - 1].span), ruler)
    for instruction in instructions:
        if not isinstance(instruction, From):
            yield from _fold(instruction.span, ruler)
        for heredoc in instruction.heredocs:
            yield from _fold(heredoc.opener.to(heredoc.terminator or heredoc.body), ruler)
    block: list[Span] = []
    for item in (*dockerfile.items, None):
        if isinstance(item, Comment):
            block.append(item.span)
        elif block:
            yield from _fold(block[0].to(block[-1]), ruler, types.FoldingRangeKind.Comment)
            block = []


def _fold(span: Span, ruler: Ruler, kind: types.FoldingRangeKind | None = None) -> Iterator[types.FoldingRange]:
    place = ruler.range(span)
    if place.end.line > place.start.line:
        yield types.FoldingRange(place.start.line, place.end.line, kind=kind)
