"""Wasted bytes, by dive's formula and by ours."""

from __future__ import annotations

from image_archives import Files, layer_of

from dfguard.image.efficiency import DiveScore, Waste, dive_score, wasted
from dfguard.image.view import stack

LAYERS: tuple[Files, ...] = (
    {"a": b"1" * 100, "b": b"2" * 50, "d/x": b"3" * 30, "d/y": b"4" * 20},
    {"a": b"5" * 100, ".wh.b": b"", ".wh.d": b""},
    {"c": b"6" * 10},
)


def test_ours_names_what_is_gone_and_which_layer_hides_it() -> None:
    view = stack([layer_of(files) for files in LAYERS])
    assert wasted(view) == (
        Waste("/a", 100, 0, "overwritten", 1),
        Waste("/b", 50, 0, "deleted", 1),
        Waste("/d/x", 30, 0, "deleted", 1),
        Waste("/d/y", 20, 0, "deleted", 1),
    )


def test_dives_score_counts_every_version_of_a_path_that_stands_twice() -> None:
    contents = [layer_of(files) for files in LAYERS]
    score = dive_score(contents, stack(contents))
    # /a 100 + 100, /b 50 + 0, /d/x 30, /d/y 20, the whiteout of /d 50, /c 10
    assert score == DiveScore((100 + 0 + 30 + 20 + 50 + 10) / 360, 200 + 50, 110)
    assert round(score.wasted_user_percent, 3) == round(250 / 110, 3)


def test_an_image_of_one_layer_wastes_nothing() -> None:
    contents = [layer_of({"a": b"1"})]
    score = dive_score(contents, stack(contents))
    assert (score.efficiency, score.wasted, score.wasted_user_percent) == (1.0, 0, 0.0)
    assert dive_score([], stack([])) == DiveScore(1.0, 0, 0)
