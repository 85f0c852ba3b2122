"""Layers beside instructions: what BuildKit, the classic builder and buildah really wrote, and invented cases.

The files in histories/ were read off images that these builders made of the Dockerfile in them; `layers` holds
[line, stage, layer, shared with others] of every instruction that makes a layer, found by the files in the layers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.stages import build_graph
from dfguard.image.history import Mapping, map_layers
from dfguard.image.layer import LayerContent
from dfguard.image.model import Attestation, HistoryEntry, Image, ImageConfig, Layer
from dfguard.source import Source

HISTORIES = sorted((Path(__file__).parent / "histories").glob("*.json"))


def image_of(history: Sequence[HistoryEntry], *attestations: Attestation) -> Image:
    entries = [index for index, entry in enumerate(history) if not entry.empty_layer]
    layers = tuple(
        Layer(index, f"sha256:{index:064x}", "", entry, LayerContent("", "", "none", 0, 0))
        for index, entry in enumerate(entries)
    )
    return Image("image", (), "", "", ImageConfig(), tuple(history), layers, attestations)


def buildkit(*texts: str) -> list[HistoryEntry]:
    """Entries of BuildKit; a text in brackets has no layer."""
    return [HistoryEntry(t.strip("[]"), "buildkit.dockerfile.v0", "", t.startswith("[")) for t in texts]


def mapped(dockerfile: str, history: Sequence[HistoryEntry], *attestations: Attestation) -> Mapping:
    graph = build_graph(parse(Source("Dockerfile", dockerfile)))
    return map_layers(image_of(history, *attestations), graph)


def layers(mapping: Mapping) -> dict[int, int | None]:
    return {link.step.instruction.start_line: link.layer for link in mapping.links if link.step.makes_layer}


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_what_builders_wrote_is_mapped_line_by_line(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    history = [HistoryEntry(e["created_by"], e["comment"], "", e.get("empty_layer", False)) for e in case["history"]]
    mapping = mapped(case["dockerfile"], history)
    found = [[ln.step.instruction.start_line, ln.step.stage, ln.layer, ln.shared] for ln in mapping.links]
    assert [row for row, link in zip(found, mapping.links, strict=True) if link.step.makes_layer] == case["layers"]
    assert mapping.differences == ()
    assert mapping.unmatched == ()
    assert mapping.belongs
    assert mapping.builder == path.stem.split("-")[1]


def test_layers_of_the_base_come_first() -> None:
    history = buildkit("RUN /bin/sh -c echo base # buildkit", '[CMD ["sh"]]', "COPY a /a # buildkit")
    mapping = mapped("FROM debian:12\nCOPY a /a\n", history)
    assert layers(mapping) == {2: 1}
    assert mapping.base_layers == 1
    assert mapping.step_of_layer(0) is None


def test_equal_instructions_are_told_apart_by_their_order() -> None:
    same = "RUN /bin/sh -c echo a >> /a # buildkit"
    mapping = mapped(
        "FROM debian:12\nRUN echo a >> /a\nRUN echo a >> /a\nRUN echo a >> /a\n", buildkit(same, same, same)
    )
    assert layers(mapping) == {2: 0, 3: 1, 4: 2}


def test_where_one_of_equal_instructions_is_missing_none_is_claimed_to_be_it() -> None:
    """The Dockerfile has a line more than the image: nobody can say which of the two was there."""
    same = "RUN /bin/sh -c echo a >> /a # buildkit"
    mapping = mapped(
        "FROM scratch\nCOPY x /\nRUN echo a >> /a\nRUN echo a >> /a\n", buildkit("COPY x / # buildkit", same)
    )
    assert layers(mapping) == {2: 0, 3: None, 4: None}


def test_a_line_that_was_changed_since_is_a_difference_and_keeps_its_layer() -> None:
    history = buildkit("COPY a /a # buildkit", "RUN /bin/sh -c make # buildkit", "COPY b /b # buildkit")
    mapping = mapped("FROM scratch\nCOPY a /a\nRUN make all\nCOPY b /b\n", history)
    assert layers(mapping) == {2: 0, 3: 1, 4: 2}
    assert [(d.step.instruction.start_line, d.told) for d in mapping.differences] == [
        (3, "RUN /bin/sh -c make # buildkit")
    ]
    assert mapping.belongs


def test_an_instruction_that_the_dockerfile_lacks_is_named() -> None:
    history = buildkit("COPY a /a # buildkit", "RUN /bin/sh -c other # buildkit", "COPY b /b # buildkit")
    mapping = mapped("FROM scratch\nCOPY a /a\nCOPY b /b\n", history)
    assert layers(mapping) == {2: 0, 3: 2}
    assert mapping.unmatched == (1,)


def test_another_image_does_not_belong() -> None:
    history = buildkit("COPY site /srv # buildkit", "RUN /bin/sh -c nginx -t # buildkit", "[USER www]")
    assert not mapped("FROM python:3\nCOPY app.py /\nRUN pip install flask\nCMD python app.py\n", history).belongs


def test_arguments_with_blanks_do_not_hide_the_command() -> None:
    history = buildkit("[ARG FLAGS]", "RUN |1 FLAGS=-O2 -g /bin/sh -c make # buildkit")
    mapping = mapped("FROM scratch\nARG FLAGS\nRUN make\n", history)
    assert layers(mapping) == {3: 0}
    assert mapping.differences == ()


def test_a_squashed_image_shares_its_layer_and_says_so() -> None:
    history = [
        HistoryEntry("/bin/sh -c #(nop) COPY file:" + "a" * 64 + " in /a ", "", "", True),
        HistoryEntry("/bin/sh -c rm /a", "", "", True),
        HistoryEntry("", "create new from sha256:0000", "", False),
    ]
    mapping = mapped("FROM scratch\nCOPY a /a\nRUN rm /a\n", history)
    assert mapping.squashed
    assert {link.layer for link in mapping.links} == {0}
    assert all(link.shared and "squashed" in link.why for link in mapping.links)


def test_provenance_tells_it_outright() -> None:
    """Even where the history alone could not tell two equal lines apart."""
    digests = [f"sha256:{index:064x}" for index in range(2)]
    chain = [{"digest": digest} for digest in digests]
    place = {"locations": [{"ranges": [{"start": {"line": 4}, "end": {"line": 4}}]}]}
    metadata = {"source": {"locations": {"step7": place}}, "layers": {"step7:0": [chain]}}
    statement = {"predicate": {"metadata": {"https://mobyproject.org/buildkit@v1#metadata": metadata}}}
    same = "RUN /bin/sh -c echo a >> /a # buildkit"
    mapping = mapped(
        "FROM scratch\nCOPY x /\nRUN echo a >> /a\nRUN echo a >> /a\n",
        buildkit("COPY x / # buildkit", same),
        Attestation("https://slsa.dev/provenance/v0.2", statement),
    )
    assert mapping.by == "provenance"
    assert layers(mapping)[4] == 1


@pytest.mark.parametrize("statement", [{}, {"predicate": 7}, {"predicate": {"metadata": {"x": []}}}])
def test_a_provenance_of_another_shape_is_passed_over(statement: dict[str, object]) -> None:
    mapping = mapped("FROM scratch\nCOPY x /\n", buildkit("COPY x / # buildkit"), Attestation("p", statement))
    assert (mapping.by, layers(mapping)) == ("history", {2: 0})


def test_an_image_without_history_has_no_links() -> None:
    mapping = mapped("FROM scratch\nCOPY x /\n", [])
    assert layers(mapping) == {2: None}
    assert mapping.links[0].why
