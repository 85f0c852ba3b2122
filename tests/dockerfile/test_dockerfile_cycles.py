"""References between stages that the builder refuses, and circles among them."""

from __future__ import annotations

import pytest

from dfguard.dockerfile.cycles import knots
from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.stages import build_graph
from dfguard.source import Source


@pytest.mark.parametrize(
    ("edges", "groups"),
    [
        ([], []),
        ([[], []], [{0}, {1}]),
        ([[0]], [{0}]),
        ([[1], [0]], [{0, 1}]),
        ([[1], [2], [0], [0]], [{0, 1, 2}, {3}]),
        ([[1], [2], [1], [2]], [{0}, {1, 2}, {3}]),
        ([[1, 2], [3], [3], []], [{0}, {1}, {2}, {3}]),
        ([[1], [0, 2], [3], [2]], [{0, 1}, {2, 3}]),
    ],
)
def test_knots(edges: list[list[int]], groups: list[set[int]]) -> None:
    found = knots(edges)
    assert [{i for i, knot in enumerate(found) if knot == one} for one in dict.fromkeys(found)] == groups


def test_a_long_chain_is_no_recursion() -> None:
    length = 50_000
    assert len(set(knots([[i + 1] for i in range(length)] + [[]]))) == length + 1
    assert len(set(knots([[i + 1] for i in range(length)] + [[0]]))) == 1


def wrong(text: str) -> list[tuple[str, str]]:
    graph = build_graph(parse(Source("Dockerfile", text)))
    return [(r.text, r.wrong) for r in graph.references if r.wrong]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM x AS a\nCOPY --from=a /a /a\n", [("a", "itself")]),
        ("FROM x AS a\nCOPY --from=0 /a /a\n", [("0", "itself")]),
        ("FROM x AS a\nCOPY --from=2 /a /a\n", [("2", "number")]),
        ("FROM x AS a\nCOPY --from=b /a /a\nFROM x AS b\n", [("b", "below")]),
        ("FROM x AS a\nCOPY --from=b /a /a\nFROM a AS b\n", [("b", "circular")]),
        ("FROM x AS a\nRUN --mount=from=c,target=/c x\nFROM a AS b\nFROM b AS c\n", [("c", "circular")]),
        (
            "FROM x AS a\nCOPY --from=b /a /a\nFROM x AS b\nCOPY --from=c /a /a\nFROM a AS c\n",
            [("b", "circular"), ("c", "circular")],
        ),
        ("FROM x AS a\nCOPY --from=c /a /a\nFROM a AS b\nFROM x AS c\n", [("c", "below")]),
        ("FROM x AS A\nFROM A\n", [("A", "case")]),
        ("FROM x AS a\nFROM a\nCOPY --from=A /a /a\n", []),
        ("FROM b AS a\nFROM a AS b\n", []),
    ],
)
def test_what_the_builder_refuses(text: str, expected: list[tuple[str, str]]) -> None:
    assert wrong(text) == expected
