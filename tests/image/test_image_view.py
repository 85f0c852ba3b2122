"""Layers stacked: what each did, and what became of every file."""

from __future__ import annotations

import io
import tarfile

import pytest
from image_archives import layer_of

from dfguard.image.layer import LayerContent, read_layer
from dfguard.image.view import DELETED, LIVE, OVERWRITTEN, changes, stack


def linked(target: str, name: str) -> LayerContent:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = tarfile.LNKTYPE, target
        archive.addfile(member)
    return read_layer(io.BytesIO(out.getvalue()), "layer")


def test_a_file_is_live_deleted_or_overwritten_and_by_which_layer() -> None:
    view = stack(
        [
            layer_of({"app/.env": b"s", "app/key": b"k", "app/main": b"1"}),
            layer_of({"app/key": b"other"}),
            layer_of({"app/.wh..env": b""}),
        ]
    )
    fates = {v.path: (v.fate, v.by) for v in view.layers[0].versions}
    assert fates == {"/app/.env": (DELETED, 2), "/app/key": (OVERWRITTEN, 1), "/app/main": (LIVE, None)}
    assert sorted(view.final) == ["/app/key", "/app/main"]


@pytest.mark.parametrize(
    "marks", [{".wh.d": b""}, {"d/.wh..wh..opq": b"", "d": None}, {"d/.wh.x": b"", "d/.wh.e": b""}]
)
def test_a_folder_is_emptied_in_three_ways(marks: dict[str, bytes | None]) -> None:
    view = stack([layer_of({"d/x": b"1", "d/e/y": b"2", "dd": b"3"}), layer_of(marks)])
    assert {path for path, v in view.final.items() if v.entry.kind == "file"} == {"/dd"}
    assert {v.path for removal in view.layers[1].removals for v in removal.gone} == {"/d/x", "/d/e/y"}


def test_a_whiteout_behind_the_new_file_speaks_of_the_layers_below() -> None:
    view = stack([layer_of({"a": b"old"}), layer_of({"a": b"new", ".wh.a": b""})])
    assert view.final["/a"].layer == 1
    assert view.layers[0].versions[0].fate == DELETED


def test_a_file_in_place_of_a_folder_hides_what_was_in_it() -> None:
    view = stack([layer_of({"d/x": b"1"}), layer_of({"d": b"file"})])
    assert sorted(view.final) == ["/d"]
    assert view.layers[0].versions[0].fate == OVERWRITTEN


def test_a_file_whose_other_name_is_live_is_live() -> None:
    view = stack([layer_of({"key": b"k"}), linked("key", "copy"), layer_of({".wh.key": b""})])
    key = view.layers[0].versions[0]
    assert key.fate == DELETED
    assert view.fate(key) == (LIVE, None)
    view = stack([layer_of({"key": b"k"}), linked("key", "copy"), layer_of({".wh.key": b"", ".wh.copy": b""})])
    assert view.fate(view.layers[0].versions[0]) == (DELETED, 2)


def test_what_was_written_anew_without_a_change_is_told_apart() -> None:
    view = stack([layer_of({"d": None, "d/a": b"1", "d/b": b"1"}), layer_of({"d": None, "d/a": b"1", "d/b": b"2"})])
    assert changes(view, 1) == {"/d/a": "rewritten", "/d/b": "changed"}


def test_links_are_followed_and_circles_are_not() -> None:
    view = stack([layer_of({"usr/bin/x": b"1", "bin": "usr/bin", "a": "b", "b": "/a", "up": "bin/../bin/x"})])
    assert (found := view.resolve("/bin/x")) is not None
    assert found.path == "/usr/bin/x"
    assert (found := view.resolve("/up")) is not None
    assert found.path == "/usr/bin/x"
    assert view.resolve("/a") is None
    assert view.resolve("/bin/none") is None
