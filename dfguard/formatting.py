"""A Dockerfile laid out evenly, in as few edits as that takes, none of which changes what it means.

White space at the ends of lines, runs of blank lines, the case of keywords, the blank behind them, the final line end,
and the indentation of continued lines where that separates words and nothing else. What a shell is given stays as it
is, character by character, and so does all that BuildKit writes into an image.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from dfguard.dockerfile.lines import BLANK
from dfguard.dockerfile.meaning import meaning
from dfguard.dockerfile.nodes import (
    Add,
    Arg,
    Blank,
    Comment,
    Copy,
    Directive,
    Env,
    Expose,
    From,
    Instruction,
    Label,
    Onbuild,
    Unknown,
    Volume,
)
from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.scan import RawInstruction, scan
from dfguard.edit import Edit, apply
from dfguard.source import Source, Span

MOST_BLANK = 2
"""Blank lines that may follow one another."""
_ENDS = " \t"
_SPLIT = (From, Copy, Add, Env, Label, Arg, Expose, Volume)


def formatted(source: Source, start: int = 0, end: int | None = None) -> tuple[Edit, ...]:
    """The edits that lay a Dockerfile out evenly, in order; none for one that BuildKit can't cut into instructions.

    `start` and `end` are offsets: only edits that touch what lies between them are made.
    """
    scanned = scan(source)
    if any(problem.refused for problem in scanned.problems):
        return ()
    last = len(source.text) if end is None else end
    edits = tuple(edit for edit in _edits(source) if edit.span.start <= last and start <= edit.span.end)
    return edits if is_harmless(source, edits) else ()


def is_harmless(source: Source, edits: Sequence[Edit]) -> bool:
    """Whether a Dockerfile means the same after edits as before."""
    return meaning(Source(source.path, apply(source, edits))) == meaning(source)


def _edits(source: Source) -> Iterator[Edit]:
    scanned, dockerfile = scan(source), parse(source)
    instructions = iter(dockerfile.instructions)
    upper = _shouts(dockerfile.instructions)
    blanks: list[Blank] = []
    for item in scanned.items:
        if isinstance(item, Blank):
            blanks.append(item)
            continue
        yield from _blank_lines(source, blanks, MOST_BLANK)
        blanks = []
        if isinstance(item, (Comment, Directive)):
            yield from _trailing(source, item.span.start, _line_end(source, item.span.start))
        else:
            yield from _of_instruction(item, next(instructions), upper=upper, escape=scanned.escape)
    yield from _blank_lines(source, blanks, 0 if len(blanks) < len(scanned.items) else MOST_BLANK)
    if source.text and not source.text.endswith("\n") and not (blanks and len(blanks) < len(scanned.items)):
        end = len(source.text)
        yield Edit(source.span(end, end), "\r\n" if "\r\n" in source.text else "\n")


def _shouts(instructions: Iterable[Instruction]) -> bool:
    """Whether keywords are to be upper case: unless most are lower case."""
    known = [one.keyword.text for one in instructions if not isinstance(one, Unknown)]
    return sum(map(str.islower, known)) <= sum(map(str.isupper, known))


def _line_end(source: Source, offset: int) -> int:
    """The end of the line of an offset, without the line end."""
    start = source.line_starts[source.line_of(offset) - 1]
    behind = source.text.find("\n", start)
    stop = len(source.text) if behind < 0 else behind
    return start + len(source.text[start:stop].rstrip("\r"))


def _trailing(source: Source, start: int, end: int) -> Iterator[Edit]:
    """Cut white space in front of `end`, not further than to `start`."""
    kept = start + len(source.text[start:end].rstrip(_ENDS))
    if kept < end:
        yield Edit(source.span(kept, end), "")


def _blank_lines(source: Source, blanks: list[Blank], most: int) -> Iterator[Edit]:
    """Empty some blank lines, and remove those beyond `most`."""
    for blank in blanks[:most]:
        yield from _trailing(source, blank.span.start, blank.span.end)
    if len(blanks) > most:
        start = source.line_starts[blanks[most].span.start_line - 1]
        last = blanks[-1].span.start_line
        end = source.line_starts[last] if last < len(source.line_starts) else len(source.text)
        yield Edit(source.span(start, end), "")


def _of_instruction(raw: RawInstruction, node: Instruction, *, upper: bool, escape: str) -> Iterator[Edit]:
    source = raw.span.source
    yield from _keyword(node.keyword, node, upper=upper)
    if isinstance(node, From):
        yield from _as(node, upper=upper)
    end = raw.heredocs[0].body.start if raw.heredocs else raw.span.end
    rows = [source.line_starts[line - 1] for line in range(raw.span.start_line, source.line_of(max(end - 1, 0)) + 1)]
    indents = _indents(raw, node, rows[1:], escape)
    for number, start in enumerate(rows):
        if start in indents:
            yield indents[start]
        if number + 1 < len(rows) or not isinstance(node, Onbuild):
            yield from _trailing(source, max(start, node.keyword.end), _line_end(source, start))


def _keyword(keyword: Span, node: Instruction, *, upper: bool) -> Iterator[Edit]:
    """The keyword in its case, with one blank behind it."""
    text, source = keyword.text, keyword.source
    if isinstance(node, Unknown) or not text.isalpha():
        return
    wanted = text.upper() if upper else text.lower()
    if text != wanted:
        yield Edit(keyword, wanted)
    rest = source.text[keyword.end : _line_end(source, keyword.end)]
    blanks = rest[: len(rest) - len(rest.lstrip(_ENDS))]
    if blanks not in ("", " ") and blanks != rest:
        yield Edit(source.span(keyword.end, keyword.end + len(blanks)), " ")


def _as(node: From, *, upper: bool) -> Iterator[Edit]:
    """The AS of a FROM in the case of keywords."""
    if node.alias is None:
        return
    between = node.image.span.source.span(node.image.span.end, node.alias.span.start)
    word = between.text.strip(_ENDS)
    if word in ("as", "As", "aS", "AS") and word != (wanted := "AS" if upper else "as"):
        start = between.text.index(word)
        yield Edit(between.sub(start, start + len(word)), wanted)


def _indents(raw: RawInstruction, node: Instruction, rows: list[int], escape: str) -> dict[int, Edit]:
    """What gives continued lines the indentation of the first of them, by start; nothing where that is text."""
    if not isinstance(node, _SPLIT) or node.exec_form is not None or raw.heredocs:
        return {}
    source = raw.span.source
    found: dict[int, Edit] = {}
    wanted = ""
    for start in rows:
        text = source.text[start : _line_end(source, start)]
        indent = text[: len(text) - len(text.lstrip(_ENDS))]
        if text.strip(BLANK)[:1] in ("", "#"):
            continue
        wanted = wanted or indent
        if not wanted:
            return {}
        if indent != wanted:
            found[start] = Edit(source.span(start, start + len(indent)), wanted)
    alone = Source(source.path, f"# escape={escape}\n{raw.span.text}")
    shift = len(alone.text) - len(raw.span.text) - raw.span.start
    moved = [Edit(alone.span(one.span.start + shift, one.span.end + shift), one.text) for one in found.values()]
    return found if is_harmless(alone, moved) else {}
