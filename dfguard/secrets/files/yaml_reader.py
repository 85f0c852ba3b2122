"""YAML as far as files of credentials use it: block mappings and lists, quoted and plain values, block scalars.

Flow collections, anchors and tags (`!vault`) are passed over, as are values that they stand before.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.secrets.files.entry import MOST_DEPTH, Entry

_PASSED = (b"!", b"&", b"*", b"{", b"[")
Line = tuple[int, bytes]  # where it starts, and its text


def lines(data: bytes) -> Iterator[Line]:
    """The lines of a file with the places where they start."""
    at = 0
    for line in data.split(b"\n"):
        yield at, line.rstrip(b"\r")
        at += len(line) + 1


class _Open:
    """A mapping or list that is being read: how far it is indented, and the key that was read last."""

    __slots__ = ("indent", "key", "listed")

    def __init__(self, indent: int, key: str, listed: bool) -> None:
        self.indent = indent
        self.key = key
        self.listed = listed


def yaml_entries(data: bytes) -> Iterator[Entry]:
    """All values in order; a block scalar is one value, as long as its lines are."""
    stack: list[_Open] = []
    document = 0
    block: tuple[tuple[str, ...], int, int, int] | None = None  # path, indent of the key, start, end
    for at, line in lines(data):
        text = line.lstrip(b" ")
        indent = len(line) - len(text)
        if block is not None:
            path, outer, start, end = block
            if not text or indent > outer:
                block = path, outer, start if start >= 0 else at + indent, at + len(line) if text else end
                continue
            if 0 <= start < end and path:
                yield Entry(path, start, end, document)
            block = None
        if line.startswith((b"---", b"...")):
            document += 1
            stack.clear()
            continue
        if not text or text.startswith(b"#"):
            continue
        value = _place(stack, indent, text)
        if value is None or len(stack) > MOST_DEPTH:
            continue
        column = len(line) - len(value)
        path = tuple(level.key for level in stack)
        if value[:1] in (b"|", b">") or value.startswith(b"!"):
            block = (() if value.startswith(b"!") else path), stack[-1].indent, -1, -1
        elif value and not value.startswith(_PASSED):
            first, last = _unquoted(value)
            yield Entry(path, at + column + first, at + column + last, document)
    if block is not None and block[0] and 0 <= block[2] < block[3]:
        yield Entry(block[0], block[2], block[3], document)


def _place(stack: list[_Open], indent: int, text: bytes) -> bytes | None:
    """Bring the open levels up to a line; the value that stands on it, None for a line that is none."""
    while text.startswith(b"- ") or text == b"-":
        _close(stack, indent, listed=True)
        if stack and stack[-1].listed and stack[-1].indent == indent:
            stack[-1].key = str(int(stack[-1].key) + 1)
        else:
            stack.append(_Open(indent, "0", True))
        rest = text[1:].lstrip(b" ")
        indent += len(text) - len(rest)
        text = rest
        if len(stack) > MOST_DEPTH:
            return None
    split = _colon(text)
    if split < 0:
        return text if stack and stack[-1].listed and indent > stack[-1].indent else None
    _close(stack, indent, listed=False)
    key = text[:split].strip().strip(b"\"'").decode("utf-8", "replace")
    if stack and not stack[-1].listed and stack[-1].indent == indent:
        stack[-1].key = key
    else:
        stack.append(_Open(indent, key, False))
    return text[split + 1 :].lstrip(b" \t")


def _close(stack: list[_Open], indent: int, *, listed: bool) -> None:
    """End the levels that are indented further; a list may stand at its key's own column."""
    while stack and (stack[-1].indent > indent or (stack[-1].indent == indent and stack[-1].listed and not listed)):
        stack.pop()


def _colon(text: bytes) -> int:
    """Where the colon behind a key is, -1 without one."""
    start = 0
    if text[:1] in (b'"', b"'"):
        start = text.find(text[:1], 1) + 1
        if start == 0 or text[start : start + 1] != b":":
            return -1
        return start
    at = text.find(b": ")
    if at < 0:
        at = text.find(b":\t")
    if at < 0 and text.rstrip().endswith(b":"):
        at = len(text.rstrip()) - 1
    comment = text.find(b" #")
    return -1 if 0 <= comment < at else at


def _unquoted(value: bytes) -> tuple[int, int]:
    """The span of a value without quotes and comment."""
    if value[:1] in (b'"', b"'"):
        end = value.find(value[:1], 1)
        return 1, end if end > 0 else len(value)
    comment = value.find(b" #")
    return 0, len((value if comment < 0 else value[:comment]).rstrip())
