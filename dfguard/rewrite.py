"""Rewrites of a Dockerfile that several rules need, as edits."""

from __future__ import annotations

from bisect import bisect_left

from dfguard.dockerfile.nodes import Comment, Dockerfile, Instruction
from dfguard.edit import Edit
from dfguard.source import Span


def drop(dockerfile: Dockerfile, instruction: Instruction) -> Edit:
    """Remove an instruction: its whole lines, and the comments right above it, which speak of it."""
    source = dockerfile.source
    items = dockerfile.items
    at = bisect_left(items, instruction.span.start, key=lambda item: item.span.start)
    first = instruction.span
    while at > 0 and isinstance(items[at - 1], Comment):
        at -= 1
        first = items[at].span
    start = source.line_starts[source.line_of(first.start) - 1]
    behind = source.text.find("\n", max(instruction.span.end - 1, start))
    return Edit(Span(source, start, len(source.text) if behind < 0 else behind + 1), "")
