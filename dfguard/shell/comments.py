"""Comments as the shell sees them: those that BuildKit has not dropped before."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from dfguard.regex import regex

if TYPE_CHECKING:
    from tree_sitter import Node

    from dfguard.shell.raw import Range

MAX_SIGNS = 1_000  # looked at; each costs a way through the tree
_SIGN = regex(r"(?<![^\s;&|()])#")
_ESCAPED_BLANK = regex(r"(?:^|[^\\])(?:\\\\)*\\[ \t]\Z")


def comment_ranges(root: Node, text: str) -> list[Range]:
    """The comments of a parsed script, each from its `#` to the end of the line."""
    found: list[Range] = []
    behind = 0
    for sign in islice(_SIGN.finditer(text), MAX_SIGNS):
        at = sign.start()
        if at < behind or _ESCAPED_BLANK.search(text[max(0, at - 20) : at]):
            continue
        node = root.descendant_for_byte_range(at, at + 1)
        if node is not None and node.type == "comment" and node.start_byte == at:
            behind = node.end_byte
            found.append((at, behind))
    return found
