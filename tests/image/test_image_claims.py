"""Claims about an image, judged by it."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import pytest
from image_archives import Files, layer_tar

from dfguard.claim import (
    All,
    Claim,
    ConfigHas,
    HistoryShows,
    InstructionId,
    LayerHolds,
    Not,
    Some,
    ViewHolds,
    Wasted,
)
from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.stages import build_graph
from dfguard.image.claims import Judge
from dfguard.image.history import map_layers
from dfguard.image.layer import read_layer
from dfguard.image.model import HistoryEntry, Image, ImageConfig, Layer
from dfguard.image.view import stack
from dfguard.source import Source

DOCKERFILE = """\
FROM golang AS build
COPY key /key
FROM scratch
COPY app .env /app/
ARG TOKEN
RUN curl -H "$TOKEN" https://x
RUN rm /app/.env
ENV KEY=v EMPTY=
USER app
"""
COPY, RUN, REMOVE = InstructionId(1, 3), InstructionId(1, 5), InstructionId(1, 6)
HISTORY = (
    ("COPY app .env /app/ # buildkit", False),
    ("ARG TOKEN", True),
    ('RUN |1 TOKEN=abc /bin/sh -c curl -H "$TOKEN" https://x # buildkit', False),
    ("RUN |1 TOKEN=abc /bin/sh -c rm /app/.env # buildkit", False),
    ("ENV KEY=v EMPTY=", True),
    ("USER app", True),
)
LAYERS: tuple[Files, ...] = (
    {"app/app": b"x", "app/.env": b"secret", "lib": "usr/lib"},
    {"usr/lib/a": b"1"},
    {"app/.wh..env": b""},
)


def judge(
    dockerfile: str = DOCKERFILE, history: Sequence[tuple[str, bool]] = HISTORY, layers: Sequence[Files] = LAYERS
) -> Judge:
    contents = [read_layer(io.BytesIO(layer_tar(files)), "layer") for files in layers]
    entries = tuple(HistoryEntry(text, "buildkit.dockerfile.v0", "", empty) for text, empty in history)
    full = [index for index, entry in enumerate(entries) if not entry.empty_layer]
    image = Image(
        "image", (), "", "", ImageConfig(user="app", env=(("KEY", "v"), ("EMPTY", ""))), entries,
        tuple(Layer(i, c.digest, "", full[i], c) for i, c in enumerate(contents)),
    )  # fmt: skip
    graph = build_graph(parse(Source("Dockerfile", dockerfile)))
    return Judge(image, stack(contents), map_layers(image, graph))


CASES: tuple[tuple[Claim, str, str], ...] = (
    (LayerHolds("/app/.env", COPY), "confirmed", "layer 0"),
    (LayerHolds("**/.env", COPY), "confirmed", "layer 0"),
    (LayerHolds("/app/*", COPY), "confirmed", "layer 0"),
    (LayerHolds("/app/**", COPY), "confirmed", "layer 0"),
    (LayerHolds("**/app/**", COPY), "confirmed", "layer 0"),
    (Some((LayerHolds("/none/**", COPY), LayerHolds("/app/**", COPY))), "confirmed", "1 of 2: layer 0"),
    (Some((LayerHolds("/none/**", COPY), LayerHolds("/nor/**", COPY))), "refuted", "does not hold /none/"),
    (LayerHolds("/app/other", COPY), "refuted", "layer 0 .* does not hold /app/other"),
    (LayerHolds("/lib/a", RUN), "confirmed", "layer 1"),
    (LayerHolds("/key", InstructionId(0, 1)), "not verifiable", "no part of this image"),
    (ViewHolds("/app/app"), "confirmed", "a container of the image has it"),
    (ViewHolds("/app/.env"), "refuted", "has no /app/.env"),
    (ViewHolds("/app"), "refuted", "has no /app"),
    (Wasted("/app/.env", COPY), "confirmed", "6 bytes that no container sees"),
    (
        Some((Wasted("/app/.env", COPY), Wasted("/app/.env", COPY), Wasted("/app/app", COPY))),
        "confirmed",
        r"^2 of 3: at least 6 bytes in 1 files? that",
    ),
    (Wasted("/app/app", COPY), "refuted", "no later layer removes or replaces"),
    (ConfigHas("User", "app"), "confirmed", "says so"),
    (ConfigHas("User", "root"), "refuted", "another value"),
    (ConfigHas("Env.KEY"), "confirmed", "has a value"),
    (ConfigHas("Env.EMPTY"), "refuted", "has no Env.EMPTY"),
    (ConfigHas("Labels.x"), "refuted", "has no Labels.x"),
    (HistoryShows("TOKEN=", RUN), "confirmed", "history shows it"),
    (HistoryShows("OTHER=", RUN), "refuted", "does not show it"),
    (All((LayerHolds("/app/.env", COPY), Not(ViewHolds("/app/.env")))), "confirmed", "layer 0"),
    (All((LayerHolds("/key", InstructionId(0, 1)), ViewHolds("/none"))), "refuted", "has no /none"),
    (All((LayerHolds("/key", InstructionId(0, 1)), ViewHolds("/app/app"))), "not verifiable", "no part"),
    (Not(LayerHolds("/key", InstructionId(0, 1))), "not verifiable", "no part"),
)


@pytest.mark.parametrize(("claim", "kind", "reason"), CASES, ids=lambda value: str(value)[:60])
def test_a_claim_is_confirmed_refuted_or_not_verifiable(claim: Claim, kind: str, reason: str) -> None:
    verdict = judge().judge(claim)
    assert verdict.kind == kind
    assert re.search(reason, verdict.reason), verdict.reason


def test_the_evidence_names_layer_path_size_mode_and_fate() -> None:
    judged = judge()
    (evidence,) = judged.judge(LayerHolds("/app/.env", COPY)).evidence
    digests = [layer.digest for layer in judged.image.layers]
    assert (evidence.layer, evidence.path) == (digests[0], "/app/.env")
    assert evidence.text == f"6 bytes, mode 0644, deleted in layer 2 ({digests[2][:19]}, line 7)"


def test_no_value_stands_in_a_verdict() -> None:
    judged = judge()
    for claim, _, _ in CASES:
        assert "abc" not in str(judged.judge(claim))


def test_of_another_image_nothing_is_said() -> None:
    verdict = judge(history=[(f"RUN /bin/sh -c other {i} # buildkit", False) for i in range(3)]).judge(
        ViewHolds("/app")
    )
    assert verdict.kind == "not verifiable"
    assert verdict.reason == "the image was built from another Dockerfile, or another stage of it"


def test_a_line_that_was_changed_since_refutes_nothing() -> None:
    history = [("COPY app /app/ # buildkit", False), *HISTORY[1:]]
    verdict = judge(history=history, layers=({"app/app": b"x"}, *LAYERS[1:])).judge(LayerHolds("/app/.env", COPY))
    assert (verdict.kind, verdict.reason) == ("not verifiable", "the image was built with another text of this line")
