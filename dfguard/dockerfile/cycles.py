"""Which nodes of a graph lie on a common cycle."""

from __future__ import annotations

from collections.abc import Sequence


def knots(edges: Sequence[Sequence[int]]) -> list[int]:
    """For each node a number that it shares with just the nodes that it reaches and that reach it.

    `edges[n]` are the nodes that n points at. Linear time, no recursion (Kosaraju's two walks:
    https://en.wikipedia.org/wiki/Kosaraju%27s_algorithm).
    """
    backward: list[list[int]] = [[] for _ in edges]
    for node, targets in enumerate(edges):
        for target in targets:
            backward[target].append(node)
    knot = [-1] * len(edges)
    for root in reversed(_by_finish(edges)):
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if knot[node] < 0:
                knot[node] = root
                waiting += (before for before in backward[node] if knot[before] < 0)
    return knot


def _by_finish(edges: Sequence[Sequence[int]]) -> list[int]:
    """The nodes in the order in which a walk into the depth is done with them."""
    seen = [False] * len(edges)
    order: list[int] = []
    for start in range(len(edges)):
        path = [] if seen[start] else [(start, iter(edges[start]))]
        seen[start] = True
        while path:
            node, targets = path[-1]
            inner = next((target for target in targets if not seen[target]), None)
            if inner is None:
                order.append(node)
                path.pop()
            else:
                seen[inner] = True
                path.append((inner, iter(edges[inner])))
    return order
