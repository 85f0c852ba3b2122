"""The words of instructions that the builder expands: the history shows them, and the configuration keeps some."""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.dockerfile import nodes
from dfguard.dockerfile.nodes import Add, Copy, Instruction, Label, User, Workdir
from dfguard.source import Span

CONFIG_KEYS = {
    "Label": "Labels",
    "User": "User",
    "Workdir": "WorkingDir",
    "Volume": "Volumes",
    "Expose": "ExposedPorts",
    "Stopsignal": "StopSignal",
}
"""The key of the configuration that an instruction sets, by its type."""


def is_added_to(node: Instruction, raw: str) -> bool:
    """Whether the configuration keeps the former value beside a new one."""
    return type(node).__name__ in ("Volume", "Expose") or (isinstance(node, Workdir) and not raw.startswith("/"))


def shown_words(node: Instruction) -> Iterator[tuple[str, Span, str]]:
    """The words of an instruction that the builder expands, and the key of a label."""
    if isinstance(node, Label):
        yield from ((pair.value.raw, pair.value.span, pair.name) for pair in node.pairs if pair.value)
        return
    words: tuple[nodes.Word | None, ...] = ()
    if isinstance(node, (Copy, Add)):
        shown = (flag for flag in node.flags if flag.name in ("chown", "chmod"))
        yield from ((flag.value, flag.value_span, "") for flag in shown if flag.value and flag.value_span)
        yield from ((source.raw, source.span, "") for source in node.sources if source.kind != "heredoc")
        words = (node.destination,)
    elif isinstance(node, nodes.Volume):
        words = node.paths
    elif isinstance(node, nodes.Expose):
        words = node.ports
    elif isinstance(node, Workdir):
        words = (node.path,)
    elif isinstance(node, User):
        words = (node.user,)
    elif isinstance(node, nodes.Stopsignal):
        words = (node.signal,)
    yield from ((word.raw, word.span, "") for word in words if word is not None)
