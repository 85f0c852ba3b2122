"""The static part of HCL, with the place of every value: blocks, attributes, texts, lists, objects, names.

https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md. Calls, operators, conditions and `for` are not
evaluated: such a value is not known, and says what it is.
"""

from __future__ import annotations

import re

from dfguard.context.invocations.nodes import Mapping, Node, Scalar, Sequence, refusal
from dfguard.errors import InputError
from dfguard.regex import regex
from dfguard.source import Source
from dfguard.struct import Struct

MAX_CHARACTERS = 1_000_000
MAX_DEPTH = 50
_BLANK = regex(r"(?:[ \t\r]+|(?:#|//)[^\n]*|/\*.*?\*/)*", re.DOTALL)
_SPACE = regex(r"(?:[ \t\r\n]+|(?:#|//)[^\n]*|/\*.*?\*/)*", re.DOTALL)
_NAME = regex(r"[A-Za-z_][A-Za-z0-9_-]*")
_PATH = regex(r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*")
_NUMBER = regex(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_HEREDOC = regex(r"<<(-?)([A-Za-z_][A-Za-z0-9_-]*)[ \t\r]*\n")
_ESCAPE = regex(r'\\(?:([nrt"\\])|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))')
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_WORDS = {"true": "bool", "false": "bool", "null": "null"}


class Block(Struct):
    """`type "label" { ... }`; `name` is the first label, None where there is none."""

    type: str
    name: Scalar | None
    body: Mapping


class File(Struct):
    """A file: its attributes and its blocks, in order."""

    attributes: Mapping
    blocks: tuple[Block, ...]


def read_hcl(source: Source) -> File:
    """Read a file. Raises InputError, with the line, for what is no HCL, too large or too deep."""
    if len(source.text) > MAX_CHARACTERS:
        raise InputError(source.path, f"is larger than {MAX_CHARACTERS:,} characters")
    reader = _Reader(source)
    attributes, blocks = reader.body(0)
    return File(attributes, tuple(blocks))


class _Reader:
    """A place in the text that moves on."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = len(source.text) - len(source.text.removeprefix("\ufeff"))

    def skip(self, *, lines: bool = True) -> None:
        match = (_SPACE if lines else _BLANK).match(self.text, self.at)
        self.at = match.end() if match else self.at

    def next(self) -> str:
        return self.text[self.at : self.at + 1]

    def wrong(self, expected: str) -> InputError:
        return refusal(self.source, self.at, f"is no HCL: expected {expected}")

    def body(self, depth: int) -> tuple[Mapping, list[Block]]:
        """Attributes and blocks up to the end of the file, or of the block."""
        if depth > MAX_DEPTH:
            raise refusal(self.source, self.at, f"is nested deeper than {MAX_DEPTH} levels")
        start, pairs, blocks = self.at, dict[str, tuple[Scalar, Node]](), list[Block]()
        while True:
            self.skip()
            if self.next() in ("", "}"):
                return Mapping(tuple(pairs.values()), self.source.span(start, self.at)), blocks
            key = self.name()
            self.skip(lines=False)
            if self.next() == "=" and self.text[self.at + 1 : self.at + 2] != "=":
                self.at += 1
                self.skip(lines=False)
                pairs[key.text or ""] = (key, self.expression(depth))
            else:
                blocks.append(self.block(key, depth))

    def name(self, form: re.Pattern[str] = _NAME) -> Scalar:
        match = form.match(self.text, self.at)
        if match is None:
            raise self.wrong("a name")
        self.at = match.end()
        return Scalar(match[0], self.source.span(match.start(), match.end()))

    def block(self, key: Scalar, depth: int) -> Block:
        labels: list[Scalar] = []
        while self.next() != "{":
            labels.append(self.string() if self.next() == '"' else self.name())
            self.skip(lines=False)
        self.at += 1
        body, _ = self.body(depth + 1)
        if self.next() != "}":
            raise self.wrong("`}`")
        self.at += 1
        return Block(key.text or "", labels[0] if labels else None, body)

    def expression(self, depth: int, ends: str = "\n,]})") -> Node:
        """A value; one that is more than a value by itself is not known. `ends` may stand behind it."""
        if depth > MAX_DEPTH:
            raise refusal(self.source, self.at, f"is nested deeper than {MAX_DEPTH} levels")
        start = self.at
        found = self.value(depth)
        self.skip(lines=False)
        heredoc = isinstance(found, Scalar) and self.text.startswith("<<", start)
        if found is not None and (heredoc or self.next() in ("", *ends)):
            return found
        self.at = start
        self.leap()
        said = " ".join(self.text[start : self.at].split())
        span = self.source.span(start, start + len(self.text[start : self.at].rstrip()))
        return Scalar("", span, "string", (), (f"`{said[:40]}`",))

    def value(self, depth: int) -> Node | None:
        char = self.next()
        if char == '"':
            return self.string()
        if char in "[{" and char:
            return self.list(depth) if char == "[" else self.object(depth)
        heredoc = _HEREDOC.match(self.text, self.at)
        if heredoc is not None:
            return self.heredoc(heredoc)
        number = _NUMBER.match(self.text, self.at)
        if number is not None:
            self.at = number.end()
            kind = "int" if number[0].lstrip("-").isdigit() else "float"
            return Scalar(number[0], self.source.span(*number.span()), kind)
        if _NAME.match(self.text, self.at) is None:
            return None
        name = self.name(_PATH)
        kind = _WORDS.get(name.text or "", "name")
        return name.but(kind=kind, text=None if kind == "null" else name.text)

    def string(self) -> Scalar:
        """A text in quotes, its `${...}` as they are."""
        start = self.at
        self.at += 1
        while self.next() not in ('"', "\n", ""):
            if self.text.startswith("${", self.at) and self.text[self.at - 1] != "$":
                self.leap_braces()
            else:
                self.at += 2 if self.next() == "\\" else 1
        if self.next() != '"':
            raise refusal(self.source, start, "is no HCL: the text is never closed")
        self.at += 1
        raw = self.text[start + 1 : self.at - 1]
        text = _ESCAPE.sub(lambda m: _PLAIN.get(m[1] or "") or chr(int(m[2] or m[3], 16)), raw)
        steps = ((0, start + 1),) if text == raw else ()
        return Scalar(text, self.source.span(start, self.at), "string", steps)

    def heredoc(self, opener: re.Match[str]) -> Scalar:
        start, lines, at = self.at, list[tuple[int, str]](), opener.end()
        while True:
            end = self.text.find("\n", at)
            line = self.text[at : len(self.text) if end < 0 else end]
            if line.strip() == opener[2]:
                break
            if end < 0:
                raise refusal(self.source, start, f"is no HCL: there is no line {opener[2]}")
            lines.append((at, line.removesuffix("\r")))
            at = end + 1
        self.at = at + len(line)
        indents = [len(text) - len(text.lstrip(" \t")) for _, text in lines if text.strip()]
        cut = min(indents, default=0) if opener[1] else 0
        text, steps = "", []
        for place, content in lines:
            steps.append((len(text), place + min(cut, len(content))))
            text += content[cut:] + "\n"
        return Scalar(text, self.source.span(start, self.at), "string", tuple(steps))

    def list(self, depth: int) -> Node | None:
        start, items = self.at, list[Node]()
        self.at += 1
        while True:
            self.skip()
            if self.next() == "]":
                self.at += 1
                return Sequence(tuple(items), self.source.span(start, self.at))
            if re.compile(r"for\b").match(self.text, self.at):
                return None
            items.append(self.expression(depth + 1))
            self.skip()
            if self.next() == ",":
                self.at += 1
            elif self.next() != "]":
                raise self.wrong("`,` or `]`")

    def object(self, depth: int) -> Node | None:
        start, pairs = self.at, dict[str, tuple[Scalar, Node]]()
        self.at += 1
        while True:
            self.skip()
            if self.next() == "}":
                self.at += 1
                return Mapping(tuple(pairs.values()), self.source.span(start, self.at))
            if re.compile(r"for\b").match(self.text, self.at):
                return None
            key = self.expression(depth + 1, "=:")
            self.skip(lines=False)
            if not isinstance(key, Scalar) or self.next() not in ("=", ":"):
                raise self.wrong("a key and `=`")
            self.at += 1
            self.skip()
            pairs[key.text or ""] = (key, self.expression(depth + 1))
            self.skip()
            self.at += self.next() == ","

    def leap(self) -> None:
        """Go to the end of an expression: the line's, or a comma or closing bracket around it."""
        open_brackets = 0
        while self.next():
            char = self.next()
            if char in "([{":
                open_brackets += 1
            elif char in ")]}":
                if not open_brackets:
                    return
                open_brackets -= 1
            elif char in ",\n" and not open_brackets:
                return
            if char == '"':
                self.string()
            else:
                self.at += 1

    def leap_braces(self) -> None:
        """Go behind the `${...}` that begins here."""
        self.at += 2
        depth = 1
        while depth and self.next() not in ("", "\n"):
            depth += {"{": 1, "}": -1}.get(self.next(), 0)
            self.at += 1
