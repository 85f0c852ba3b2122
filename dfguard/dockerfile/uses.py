"""The places of instructions where the builder puts the value of a variable.

https://docs.docker.com/reference/dockerfile/#environment-replacement. RUN, CMD and ENTRYPOINT are not
among them: a shell expands those later, with the container's environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.dockerfile import nodes
from dfguard.dockerfile.nodes import Instruction, KeyValue, Word
from dfguard.dockerfile.words import variables
from dfguard.regex import regex
from dfguard.source import Span
from dfguard.struct import Struct

_FLAGS = ("chown", "chmod", "checksum")
_FLAGS_BY_PART = ("platform", "mount")  # seen by FROM's own scope, and option for option
_GUILTY = regex(r"\$\{[^}\n]*\}?|.", re.DOTALL)
HEREDOC_ESCAPE = "\\"  # whatever the escape directive says


class VariableUse(Struct):
    """`$name` or `${name...}` in a place that the builder expands.

    `modifier` is what follows the name in braces (`:-`, `+`, `#`, `/` ...), "" for none. `form` is
    `word`, `flag` or `heredoc`. `pair` is the pair of ENV, LABEL or ARG that it stands in.
    """

    span: Span
    name: str
    modifier: str
    form: str
    instruction: Instruction
    pair: KeyValue | None = None

    @property
    def has_default(self) -> bool:
        """Whether the text itself says what happens when there is no value: `${a:-b}`, `${a:+b}`, `${a:?b}`."""
        return self.modifier.lstrip(":")[:1] in ("-", "+", "?")


class ExpandedText(Struct):
    """A text of an instruction that the builder expands: `form` and `pair` as in VariableUse."""

    span: Span
    raw: str
    form: str
    pair: KeyValue | None = None


def variable_uses(instruction: Instruction, escape: str = "\\") -> tuple[VariableUse, ...]:
    """The variables that the builder replaces in an instruction, by place; `escape` is the file's escape character.

    In `${name:+...$name}` only the outer one is listed: the inner one is looked at where there is a value.
    """
    found: list[VariableUse] = []
    if "$" not in instruction.span.text:
        return ()
    for text in (*_flag_texts(instruction, _FLAGS_BY_PART), *expanded_texts(instruction)):
        if "$" not in text.raw:
            continue
        body = text.form == "heredoc"
        uses = variables(text.raw, HEREDOC_ESCAPE if body else escape, quotes=not body)
        at = 0
        guarded: dict[str, int] = {}  # where the `${name:+` that was opened last ends
        for use in uses:
            if use.end <= guarded.get(use.name, -1):
                continue
            if use.modifier.endswith("+"):
                guarded[use.name] = use.end
            span = _place(text, use.start, use.end, use.name, at)
            at = max(at, span.start - text.span.start + 1)
            found.append(VariableUse(span, use.name, use.modifier, text.form, instruction, text.pair))
    return tuple(found)


def _flag_texts(node: Instruction, names: tuple[str, ...]) -> Iterator[ExpandedText]:
    for flag in node.flags:
        if flag.name in names and flag.value and flag.value_span:
            yield ExpandedText(flag.value_span, flag.value, "flag")


def expanded_texts(node: Instruction) -> Iterator[ExpandedText]:
    """The texts of an instruction that the builder expands as they are: all but --platform and --mount."""
    yield from _flag_texts(node, _FLAGS)
    if isinstance(node, (nodes.Env, nodes.Label, nodes.Arg)):
        for pair in node.pairs:
            words = (pair.value,) if isinstance(node, nodes.Arg) else (pair.key, pair.value)
            yield from (ExpandedText(word.span, word.raw, "word", pair) for word in words if word)
    if isinstance(node, (nodes.Copy, nodes.Add)):
        for source in node.sources:
            if source.kind != "heredoc":
                yield ExpandedText(source.span, source.raw, "word")
            elif source.heredoc is not None and source.heredoc.expand:
                yield ExpandedText(source.heredoc.body, source.heredoc.body.text, "heredoc")
    yield from (ExpandedText(word.span, word.raw, "word") for word in _words(node))


def _words(node: Instruction) -> tuple[Word, ...]:
    one: Word | None = None
    if isinstance(node, nodes.Expose):
        return node.ports
    if isinstance(node, nodes.Volume):
        return node.paths
    if isinstance(node, nodes.From):
        one = node.image
    elif isinstance(node, (nodes.Copy, nodes.Add)):
        one = node.destination
    elif isinstance(node, nodes.Workdir):
        one = node.path
    elif isinstance(node, nodes.User):
        one = node.user
    elif isinstance(node, nodes.Stopsignal):
        one = node.signal
    return (one,) if one else ()


def _place(text: ExpandedText, start: int, end: int, name: str, at: int) -> Span:
    """The place of a use; where the file's text differs from what was read, the next one of that name from `at` on."""
    written = text.span.text
    if written == text.raw:
        return text.span.sub(start, end)
    escaped = re.escape(name)
    match = re.compile(rf"\$\{{{escaped}\}}|\$\{{?{escaped}(?!\w)").search(written, at)
    return text.span.sub(*match.span()) if match else text.span


def place_of(text: ExpandedText, at: int) -> Span:
    """The place of what begins at offset `at` of a text: `${...}`, or a single character."""
    written, raw = text.span.text, text.raw
    if written == raw:
        return text.span.sub(*_span_at(raw, at))
    mark = raw[at : at + 2] if raw[at] == "$" else raw[at : at + 1]
    found = -1
    for _ in range(raw.count(mark, 0, at) + 1):  # the same one of several, a few continuations further on
        found = written.find(mark, found + 1)
    return text.span.sub(*_span_at(written, found)) if found >= 0 else text.span


def _span_at(text: str, at: int) -> tuple[int, int]:
    match = _GUILTY.match(text, at)
    return match.span() if match else (at, at)
