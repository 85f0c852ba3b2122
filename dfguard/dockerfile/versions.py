"""An immutable mapping whose changed copies share what did not change.

A scope is kept for every ENV and ARG of a file, and a stage starts with all of the stage it is FROM:
copying dictionaries would cost the square of the file's length. This is a hash trie of 16-way nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

_BITS, _MASK, _DEPTH = 4, 15, 8  # at depth 8, keys of equal hash share a list

V = TypeVar("V")
_Node = tuple[Any, ...] | None  # a leaf holds one tuple of pairs, a branch 16 nodes


class Versions(Generic[V]):
    """A mapping from str; `set` returns a new one and leaves this one alone."""

    __slots__ = ("_root",)

    def __init__(self, root: _Node = None) -> None:
        self._root = root

    def get(self, key: str) -> V | None:
        """The value of a key, None when there is none."""
        node, code = self._root, hash(key)
        while node is not None and len(node) == _MASK + 1:
            node = node[code & _MASK]
            code >>= _BITS
        pairs: tuple[tuple[str, V], ...] = node[0] if node else ()
        return next((value for name, value in pairs if name == key), None)

    def set(self, key: str, value: V) -> Versions[V]:
        """A copy in which `key` has `value`; takes time by the depth of the trie only."""
        return Versions(_put(self._root, key, value))

    def items(self) -> Iterator[tuple[str, V]]:
        """All pairs, in no order that means anything."""
        waiting: list[_Node] = [self._root]
        while waiting:
            node = waiting.pop()
            if not node:
                continue
            if len(node) == _MASK + 1:
                waiting += node
            else:
                yield from node[0]


def _put(root: _Node, key: str, value: object) -> tuple[object, ...]:
    """Walk down to the leaf of a key, then copy the path back up."""
    path: list[tuple[tuple[object, ...], int]] = []
    node, code = root, hash(key)
    while node is not None and len(node) == _MASK + 1:
        path.append((node, code & _MASK))
        node, code = node[code & _MASK], code >> _BITS
    pairs: tuple[tuple[str, object], ...] = node[0] if node else ()
    kept = tuple([pair for pair in pairs if pair[0] != key])
    new = _leaf((*kept, (key, value)), len(path))
    for branch, slot in reversed(path):
        new = (*branch[:slot], new, *branch[slot + 1 :])
    return new


def _leaf(pairs: tuple[tuple[str, object], ...], depth: int) -> tuple[object, ...]:
    """A leaf, or a branch when it holds too many pairs for one."""
    if len(pairs) <= _MASK or depth >= _DEPTH:
        return (pairs,)
    slots: list[list[tuple[str, object]]] = [[] for _ in range(_MASK + 1)]
    for pair in pairs:
        slots[(hash(pair[0]) >> (_BITS * depth)) & _MASK].append(pair)
    return tuple([_leaf(tuple(slot), depth + 1) if slot else None for slot in slots])
