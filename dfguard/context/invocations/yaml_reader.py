"""YAML with the place of every value, under limits, read as Compose does (go-yaml v3).

The events are PyYAML's, whose scanner is libyaml's, as go-yaml's is. Aliases share one node, merge
keys (`<<`) are resolved, and nothing is ever made but text: no object, no date, no number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from dfguard.context.invocations.nodes import Mapping, Node, Scalar, Sequence, Steps, refusal
from dfguard.errors import InputError
from dfguard.regex import regex
from dfguard.source import BOM, Source, Span

MAX_CHARACTERS = 1_000_000
MAX_CHARACTERS_SLOW = 200_000  # where PyYAML has no libyaml, it is twenty times slower
MAX_DEPTH = 100
MAX_MERGED = 200_000  # keys that `<<` may bring in, in one file
RESET, OVERRIDE = "!reset", "!override"

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOL = frozenset(("true", "True", "TRUE", "false", "False", "FALSE"))
_INT = regex(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)\Z")
_FLOAT = regex(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_BAD = regex("[\ud800-\udfff]")


def read_yaml(source: Source, *, strict: bool = True) -> tuple[Node, ...]:
    """The documents of a file; a value tagged `!reset` or `!override` is in a one-pair Mapping of that tag.

    Raises InputError, with the line, for what is no YAML, for what is too large, too deep, or grows too much
    by its aliases, and for a key that is there twice; unless `strict`, the last one counts.
    """
    import yaml

    fast = hasattr(yaml, "CLoader")
    limit = MAX_CHARACTERS if fast else MAX_CHARACTERS_SLOW
    if len(source.text) > limit:
        raise InputError(source.path, f"is {len(source.text):,} characters large; expected at most {limit:,} of YAML")
    bad = _BAD.search(source.text)
    if bad is not None:
        raise refusal(source, bad.start(), "is not UTF-8 text")
    text = source.text.removeprefix(BOM)
    reader = _Reader(source, len(source.text) - len(text), strict)
    try:
        for event in yaml.parse(text, Loader=yaml.CLoader if fast else yaml.Loader):
            reader.take(event)
    except yaml.YAMLError as error:
        raise _refused(source, error, reader.shift) from None
    return tuple(reader.documents)


def _refused(source: Source, error: Exception, shift: int) -> InputError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    at = getattr(error, "position", 0) if mark is None else mark.index
    return refusal(source, (at or 0) + shift, f"is no YAML: {' '.join(str(said).split())}")


class _Open:
    """A list or mapping whose end is not there yet."""

    def __init__(self, event: Any, start: int, mapping: bool) -> None:
        self.mapping = mapping
        self.anchor: str | None = event.anchor
        self.tag: str | None = event.tag
        self.start = start
        self.nodes: list[Node] = []


class _Reader:
    """Makes nodes of events, without recursion."""

    def __init__(self, source: Source, shift: int, strict: bool) -> None:
        self.source = source
        self.strict = strict
        self.shift = shift  # characters in front of what the events count from
        self.documents: list[Node] = []
        self.open: list[_Open] = []
        self.anchors: dict[str, Node | None] = {}
        self.merged = 0

    def take(self, event: Any) -> None:
        """Take the next event."""
        name = type(event).__name__
        if name == "DocumentStartEvent":
            self.anchors = {}
        elif name == "ScalarEvent":
            self.put(self.scalar(event), event.anchor, event.tag)
        elif name == "AliasEvent":
            self.alias(event)
        elif name in ("SequenceStartEvent", "MappingStartEvent"):
            if len(self.open) >= MAX_DEPTH:
                raise refusal(self.source, self.at(event), f"is nested deeper than {MAX_DEPTH} levels")
            opened = _Open(event, self.at(event), name == "MappingStartEvent")
            if opened.anchor:
                self.anchors[opened.anchor] = None
            self.open.append(opened)
        elif name in ("SequenceEndEvent", "MappingEndEvent"):
            closed = self.open.pop()
            end = event.end_mark.index + self.shift
            if end > closed.start and self.source.text[end - 1].isspace():  # a block ends where the next begins
                end = max((node.span.end for node in closed.nodes if node.span.end <= end), default=closed.start)
            span = self.source.span(closed.start, max(closed.start, end))
            node = self.mapping(closed, span) if closed.mapping else Sequence(tuple(closed.nodes), span)
            self.put(node, closed.anchor, closed.tag)

    def at(self, event: Any) -> int:
        """Where an event begins."""
        start: int = event.start_mark.index
        return start + self.shift

    def put(self, node: Node, anchor: str | None, tag: str | None) -> None:
        if tag in (RESET, OVERRIDE):
            key = Scalar(tag, node.span)
            node = Mapping(((key, node),), node.span)
        if anchor:
            self.anchors[anchor] = node
        (self.open[-1].nodes if self.open else self.documents).append(node)

    def alias(self, event: Any) -> None:
        node = self.anchors.get(event.anchor)
        if node is None:
            holds_itself = event.anchor in self.anchors
            what = "stands inside of what it means" if holds_itself else "is defined nowhere above"
            raise refusal(self.source, self.at(event), f"the alias *{event.anchor} {what}")
        (self.open[-1].nodes if self.open else self.documents).append(node)

    def scalar(self, event: Any) -> Scalar:
        start, end = self.at(event), event.end_mark.index + self.shift
        raw = self.source.text[start:end]
        properties = re.match(r"(?:[&!][^ \t\r\n]*[ \t]*)+", raw) if event.anchor or event.tag else None
        start += len(properties[0]) if properties else 0
        if event.style in ("|", ">"):
            end = start + len(self.source.text[start:end].rstrip())
        span = self.source.span(start, max(start, end))
        kind = "string" if event.style in ("'", '"', "|", ">") or event.tag == "tag:yaml.org,2002:str" else ""
        kind = kind or _kind(event.value)
        text = None if kind == "null" else event.value
        return Scalar(text, span, kind, self.steps(span, event.value, event.style))

    def steps(self, span: Span, value: str, style: str | None) -> Steps:
        """Where the pieces of a scalar stand, for the styles in which they stand there as they are."""
        text = span.text
        if style in ("'", '"'):
            return ((0, span.start + 1),) if text[1:-1] == value else ()
        if style == "|":
            return _literal_steps(span, value)
        return ((0, span.start),) if text == value else ()

    def mapping(self, opened: _Open, span: Span) -> Mapping:
        own: dict[str, tuple[Scalar, Node]] = {}
        merged: list[Node] = []
        for key, value in zip(opened.nodes[::2], opened.nodes[1::2], strict=True):
            if not isinstance(key, Scalar):
                raise refusal(self.source, key.span.start, "a key is no text")
            name = key.text if key.text is not None else "null"
            if name == "<<" and key.span.text == "<<":
                merged.append(value)
                continue
            if name in own and self.strict:
                first = own[name][0].span.start_line
                raise refusal(self.source, key.span.start, f"the key `{name}` is there already, on line {first}")
            own[name] = (key.but(text=name), value)
        for node in merged:
            self.merge(own, node)
        return Mapping(tuple(own.values()), span)

    def merge(self, own: dict[str, tuple[Scalar, Node]], node: Node) -> None:
        """Add what `<<` brings in; what is there already stays."""
        for part in node.items if isinstance(node, Sequence) else (node,):
            if not isinstance(part, Mapping):
                raise refusal(self.source, part.span.start, "`<<` takes a mapping, or a list of mappings")
            self.merged += len(part.pairs)
            if self.merged > MAX_MERGED:
                raise refusal(self.source, part.span.start, f"`<<` brings in more than {MAX_MERGED:,} keys")
            for key, value in part.pairs:
                own.setdefault(key.text or "", (key, value))


def _kind(text: str) -> str:
    if text in _NULL:
        return "null"
    if text in _BOOL:
        return "bool"
    if _INT.match(text):
        return "int"
    return "float" if _FLOAT.match(text.replace("_", "")) else "string"


def _literal_steps(span: Span, value: str) -> Steps:
    """The steps of a block scalar: each of its lines is a line of the file behind the same indentation."""
    source = span.source
    lines = value.split("\n")
    line = span.start_line  # that of the `|`
    indent = next(
        (
            len(text) - len(wanted)
            for number, wanted in enumerate(lines)
            if wanted and (text := _line(source, line + 1 + number)).endswith(wanted)
        ),
        None,
    )
    if indent is None:
        return ()
    steps = []
    at = 0
    for number, wanted in enumerate(lines):
        if line + number >= len(source.line_starts):
            break
        if wanted and _line(source, line + 1 + number)[indent:] != wanted:
            return ()
        start = source.line_starts[line + number]
        steps.append((at, start + (indent if wanted else 0)))
        at += len(wanted) + 1
    return tuple(steps)


def _line(source: Source, number: int) -> str:
    return source.line_text(number) if number <= len(source.line_starts) else ""


def walk(node: Node) -> Iterator[Scalar]:
    """All scalars of a node that are no keys; each shared one once."""
    seen: set[int] = set()
    pending: list[Node] = [node]
    while pending:
        here = pending.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        if isinstance(here, Scalar):
            yield here
        else:
            pending += here.items if isinstance(here, Sequence) else [value for _, value in here.pairs]
