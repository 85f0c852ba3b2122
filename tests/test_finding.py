"""What a rule yields, and the order of severities and confidences."""

from __future__ import annotations

from dfguard.finding import Confidence, Found, Related, Severity, place_of
from dfguard.source import ImagePlace, LayerPlace, Source

SPAN = Source("f", "FROM a").span(0, 4)


class Node:
    span = SPAN


def test_ranks_put_the_worst_and_the_surest_first() -> None:
    assert sorted(Severity, key=lambda s: s.rank) == [Severity.ERROR, Severity.WARNING, Severity.INFO, Severity.HINT]
    assert sorted(Confidence, key=lambda c: c.rank) == [Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW]


def test_places_of_spans_nodes_and_images() -> None:
    layer, image = LayerPlace("i", "sha256:1", "/a"), ImagePlace("i", "config.User")
    assert [place_of(where) for where in (SPAN, Node(), layer, image)] == [SPAN, SPAN, layer, image]


def test_found_takes_nodes_and_has_defaults() -> None:
    found = Found(Node(), "said", related=((Node(), "here"), (SPAN, "there")))
    assert (found.place, found.message) == (SPAN, "said")
    assert found.related == (Related(SPAN, "here"), Related(SPAN, "there"))
    assert (found.severity, found.confidence, found.fixes, found.claim) == (None, Confidence.HIGH, (), None)
