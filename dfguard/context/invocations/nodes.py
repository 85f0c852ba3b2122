"""Values of a YAML, JSON or HCL file with the places that they come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Union

from dfguard.errors import InputError
from dfguard.source import Source, Span
from dfguard.struct import Struct

Steps = tuple[tuple[int, int], ...]
"""(offset in a text, offset in the file) pairs, sorted: between two of them both run side by side."""


class Scalar(Struct):
    """One value; `text` is None for null, and where it hangs on variables without a value (`unknown`).

    `kind` is `string`, `null`, `bool`, `int` or `float`. `steps` tell where in the file each piece of
    the text stands, empty where that is not known. `base` is the folder that a relative path starts
    from, None for the one of the whole project.
    """

    text: str | None
    span: Span
    kind: str = "string"
    steps: Steps = ()
    unknown: tuple[str, ...] = ()
    base: str | None = None

    def part(self, start: int, end: int) -> Span:
        """The place of a part of the text; the whole value's where that is not known."""
        if len(self.steps) != 1:
            return self.span
        first = self.steps[0][1] - self.steps[0][0]
        return self.span.source.span(first + start, first + end)


class Sequence(Struct):
    """A list."""

    items: tuple[Node, ...]
    span: Span


class Mapping(Struct):
    """Keys and values in the order of the file, each key once."""

    pairs: tuple[tuple[Scalar, Node], ...]
    span: Span

    def get(self, name: str) -> Node | None:
        """The value of a key, None when there is none."""
        return next((value for key, value in self.pairs if key.text == name), None)

    def key(self, name: str) -> Scalar | None:
        """The key itself, for its place."""
        return next((key for key, _ in self.pairs if key.text == name), None)

    def without(self, name: str) -> Mapping:
        """The mapping without a key."""
        return self.but(pairs=tuple(pair for pair in self.pairs if pair[0].text != name))

    def put(self, key: Scalar, value: Node) -> Mapping:
        """The mapping with a value for a key, at its old place if it has one."""
        if self.get(key.text or "") is None:
            return self.but(pairs=(*self.pairs, (key, value)))
        return self.but(pairs=tuple((key, value) if k.text == key.text else (k, v) for k, v in self.pairs))


Node = Union[Scalar, Sequence, Mapping]  # noqa: UP007  a name that the classes above use


def text_of(node: Node | None) -> str | None:
    """The text of a scalar, None for anything else."""
    return node.text if isinstance(node, Scalar) else None


def items_of(node: Node | None) -> Iterator[Scalar]:
    """The scalars of a list; a scalar alone counts as a list of one."""
    for item in node.items if isinstance(node, Sequence) else (node,):
        if isinstance(item, Scalar) and item.kind != "null":
            yield item


def pairs_of(node: Node | None) -> Iterator[tuple[Scalar, Node]]:
    """The pairs of a mapping, none for anything else."""
    if isinstance(node, Mapping):
        yield from node.pairs


class NoBuildFile(InputError):
    """A file that has the name of one that describes builds, and is none."""


def refusal(source: Source, offset: int, message: str) -> InputError:
    """An error that names the line of a file."""
    return InputError(source.path, f"line {source.line_of(min(offset, len(source.text)))}: {message}")
