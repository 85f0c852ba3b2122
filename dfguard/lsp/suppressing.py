"""Where a comment that silences a finding goes, and what it says."""

from __future__ import annotations

import os

from dfguard.discovery import is_ignore_file_name
from dfguard.dockerfile.nodes import Directive, Instruction
from dfguard.dockerfile.parse import parse
from dfguard.edit import Edit
from dfguard.finding import Finding
from dfguard.lsp.documents import BUILD, kind_of
from dfguard.source import Source, Span

REASON = "reason"


def suppressing(finding: Finding) -> Edit | None:
    """The comment that silences one finding, None where no comment can (JSON, places in an image)."""
    place = finding.place
    if not isinstance(place, Span):
        return None
    source, name = place.source, os.path.basename(place.path)
    form = "ignore"
    if is_ignore_file_name(name):
        start, indent = _line_start(source, place.start), ""
    elif kind_of(name) == BUILD:
        if name.endswith(".json"):
            return None
        start = _line_start(source, place.start)
        indent = _indent(source, start)
    else:
        instruction = _instruction_at(source, place.start)
        if instruction is None:
            start, indent, form = _behind_directives(source), "", "ignore-file"
        else:
            start = _line_start(source, instruction.span.start)
            indent = _indent(source, start)
    end = "\r\n" if "\r\n" in source.text else "\n"
    comment = f"{indent}# dfguard: {form}[{finding.code}] -- {REASON}{end}"
    return Edit(source.span(start, start), comment)


def _line_start(source: Source, offset: int) -> int:
    start = source.line_starts[source.line_of(offset) - 1]
    return start + (start == 0 and source.text.startswith("\ufeff"))


def _indent(source: Source, start: int) -> str:
    line = source.text[start : source.text.find("\n", start) if "\n" in source.text[start:] else len(source.text)]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _instruction_at(source: Source, offset: int) -> Instruction | None:
    instructions = [item for item in parse(source).items if isinstance(item, Instruction)]
    return next((one for one in instructions if one.span.start <= offset <= one.span.end), None)


def _behind_directives(source: Source) -> int:
    """The start of the first line that is no parser directive."""
    directives = [item for item in parse(source).items if isinstance(item, Directive)]
    return source.line_starts[directives[-1].span.end_line] if directives else _line_start(source, 0)
