"""Where the lines of a Dockerfile lie: what stands between instructions, and how its lines end."""

from __future__ import annotations

import re
from bisect import bisect_left

from dfguard.dockerfile.nodes import Comment, Dockerfile, Instruction
from dfguard.edit import Edit
from dfguard.regex import regex
from dfguard.source import Source, Span

_TOLD_TO_TOOLS = regex(
    r"#\s*(?:(?:dfguard|hadolint|checkov|trivy|kics|semgrep|tally|check|syntax|escape)\b|.*\bignore[\[=:])", re.I
)


def line_end(source: Source) -> str:
    """How lines of a text end."""
    return "\r\n" if "\r\n" in source.text else "\n"


def comments_between(dockerfile: Dockerfile, first: Instruction, second: Instruction) -> list[Comment] | None:
    """The comments between two instructions; None if anything else stands there, or one that a tool reads."""
    items = dockerfile.items
    at = bisect_left(items, first.span.start, key=lambda item: item.span.start) + 1
    found = []
    while at < len(items) and items[at].span.start < second.span.start:
        item = items[at]
        if isinstance(item, Comment):
            if _TOLD_TO_TOOLS.match(item.span.text):
                return None
            found.append(item)
        elif isinstance(item, Instruction):
            return None
        at += 1
    return found


def line_start(place: Span) -> int:
    """The offset at which the line of a place starts."""
    return place.source.line_starts[place.start_line - 1]


def lines_before(instruction: Instruction, lines: list[str]) -> Edit:
    """Lines put right before an instruction."""
    source, start = instruction.span.source, line_start(instruction.span)
    end = line_end(source)
    return Edit(Span(source, start, start), "".join(line + end for line in lines))


def lines_behind(instruction: Instruction, lines: list[str]) -> Edit:
    """Lines put right behind an instruction, its heredocs included."""
    source = instruction.span.source
    end, text = line_end(source), source.text
    behind = text.find("\n", max(instruction.span.end - 1, instruction.span.start))
    if behind < 0:
        return Edit(Span(source, len(text), len(text)), "".join(end + line for line in lines))
    return Edit(Span(source, behind + 1, behind + 1), "".join(line + end for line in lines))


def flag_of(instruction: Instruction, flag: str) -> Edit:
    """A flag put in front of all others of an instruction."""
    at = instruction.keyword.end
    return Edit(Span(instruction.span.source, at, at), f" {flag}")
