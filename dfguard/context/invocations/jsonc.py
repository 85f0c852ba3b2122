"""JSON, also with comments and commas at the end, with the place of every value.

Such a text is YAML once comments and tabs are blanks, so the YAML reader reads it, under its limits.
"""

from __future__ import annotations

import re

from dfguard.context.invocations.nodes import Mapping, NoBuildFile, Node, Scalar, Sequence
from dfguard.context.invocations.yaml_reader import read_yaml
from dfguard.regex import regex
from dfguard.source import Source, Span

_STRING_OR_NOT = regex(r'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/|\t', re.DOTALL)


def read_json(source: Source) -> Mapping:
    """The object that a file holds. Raises InputError, with the line, for what is none."""

    def blank(match: re.Match[str]) -> str:
        return match[0] if match[0].startswith('"') else re.sub(r"[^\n]", " ", match[0])

    documents = read_yaml(Source(source.path, _STRING_OR_NOT.sub(blank, source.text)))
    if len(documents) != 1 or not isinstance(documents[0], Mapping):
        raise NoBuildFile(source.path, "is no JSON object")
    made = _moved(documents[0], source)
    assert isinstance(made, Mapping)
    return made


def _moved(node: Node, source: Source) -> Node:
    """The node with its places in the text with its comments."""
    span = Span(source, node.span.start, node.span.end)
    if isinstance(node, Scalar):
        return node.but(span=span)
    if isinstance(node, Sequence):
        return Sequence(tuple(_moved(item, source) for item in node.items), span)
    pairs = ((_moved(key, source), _moved(value, source)) for key, value in node.pairs)
    return Mapping(tuple((key, value) for key, value in pairs if isinstance(key, Scalar)), span)
