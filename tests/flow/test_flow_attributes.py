"""Modes, owners, sizes, folders and texts: what is known of a path beside that it is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from played import context_of, last, play, reasons

from dfguard.context.tree import BuildContext
from dfguard.flow.events import AddedFolder, Attributes, Changed
from dfguard.flow.filesystem import StageFlow

FILES = {"a.txt": "abc", "d/x": "x", "d/s/y": "y", "to-a -> a.txt": None, "empty/": None}


@pytest.fixture
def context(tmp_path: Path) -> BuildContext:
    context = context_of(tmp_path, FILES)
    for path, mode in (("a.txt", 0o640), ("d", 0o700), ("d/x", 0o755), ("d/s", 0o750), ("d/s/y", 0o644)):
        os.chmod(tmp_path / path, mode)
    os.chmod(tmp_path / "empty", 0o755)
    return context_of(tmp_path, {}) if context else context


def known(flow: StageFlow) -> dict[str, Attributes]:
    paths = sorted([*flow.view, *flow.folders])
    return {path: flow.attributes(path) or Attributes() for path in paths}


def test_files_and_folders_of_the_context_keep_their_modes(context: BuildContext) -> None:
    assert known(last("FROM scratch\nCOPY d /w/v\nCOPY to-a /\n", context)) == {
        "/to-a": Attributes(0o640, "0:0", 3),
        "/w": Attributes(0o755, "0:0"),
        "/w/v": Attributes(0o755, "0:0"),  # the folder itself is the builder's, not the context's
        "/w/v/s": Attributes(0o750, "0:0"),
        "/w/v/s/y": Attributes(0o644, "0:0", 1),
        "/w/v/x": Attributes(0o755, "0:0", 1),
    }


def test_chmod_and_chown_reach_all_but_the_mode_of_folders_on_the_way(context: BuildContext) -> None:
    flow = last("FROM scratch\nCOPY --chmod=604 --chown=5:6 . /w/\n", context)
    assert known(flow) == {
        "/w": Attributes(None, "5:6"),  # 0755, or 0604 from newer builders
        "/w/a.txt": Attributes(0o604, "5:6", 3),
        "/w/d": Attributes(0o604, "5:6"),
        "/w/d/s": Attributes(0o604, "5:6"),
        "/w/d/s/y": Attributes(0o604, "5:6", 1),
        "/w/d/x": Attributes(0o604, "5:6", 1),
        "/w/empty": Attributes(0o604, "5:6"),
        "/w/to-a": Attributes(0o777, "5:6", 5, "a.txt"),
    }


@pytest.mark.parametrize(
    ("flag", "mode", "owner"),
    [
        ("--chown=5", 0o640, "5:5"),
        ("--chown=root", 0o640, "root"),
        ("--chown=:7", 0o640, "0:7"),
        ("--chown=app:app", 0o640, "app:app"),
        ("--chown=$WHO", 0o640, None),
        ("--chmod=u=rw", None, "0:0"),
        ("--chmod=${MODE}", None, "0:0"),
        ("--chmod=4755", 0o4755, "0:0"),
    ],
)
def test_what_is_not_known_of_chown_and_chmod_is_none(
    flag: str, mode: int | None, owner: str | None, context: BuildContext
) -> None:
    flow = last(f"FROM scratch\nARG WHO\nARG MODE\nCOPY {flag} a.txt /a\n", context)
    assert flow.attributes("/a") == Attributes(mode, "0:0" if owner == "root" else owner, 3)


def test_copying_over_a_folder_changes_its_attributes(context: BuildContext) -> None:
    flow = last("FROM scratch\nCOPY d /w\nCOPY --chmod=711 d /w\n", context)
    (change,) = [event for event in flow.events if isinstance(event, Changed)]
    assert (change.path, change.after.mode) == ("/w/s", 0o711)
    assert isinstance(change.before, AddedFolder) and change.before.attributes.mode == 0o750
    assert flow.attributes("/w/s") == Attributes(0o711, "0:0")


def test_a_heredoc_has_its_text_and_size() -> None:
    flow = last("FROM scratch\nENV A=1\nCOPY <<one <<'two' /\n$A\none\n$A\ntwo\n")
    assert [flow.view[path].origin.text for path in ("/one", "/two")] == ["1\n", "$A\n"]
    assert flow.attributes("/one") == Attributes(0o644, "0:0", 2)


def test_attributes_travel_from_stage_to_stage(context: BuildContext) -> None:
    copies = "COPY --from=one /d /e\nCOPY --from=one --chown=7 /d /f\n"
    flow = last(f"FROM scratch AS one\nCOPY --chown=5:6 d /d\nFROM scratch\n{copies}", context)
    assert flow.attributes("/e/s") == Attributes(0o750, "5:6")
    assert flow.attributes("/f/x") == Attributes(0o755, "7:7", 1)
    assert not reasons(flow)


def test_a_folder_that_a_base_image_may_have_is_not_certain(context: BuildContext) -> None:
    text = "FROM {}\nWORKDIR /usr/local/thing\nCOPY a.txt /usr/local/bin/\n"
    flow = last(text.format("debian:12"), context)
    assert [(event.path, event.certain) for event in flow.events if isinstance(event, AddedFolder)] == [
        ("/usr/local/thing", False)
    ]
    certain = [event.path for event in last(text.format("scratch"), context).events if isinstance(event, AddedFolder)]
    assert certain == ["/usr", "/usr/local", "/usr/local/thing", "/usr/local/bin"]


def test_a_working_directory_belongs_to_the_user(context: BuildContext) -> None:
    flow = last("FROM scratch\nUSER 7:8\nWORKDIR /w\nUSER app\nWORKDIR v\n", context)
    assert flow.attributes("/w") == Attributes(0o755, "7:8")
    assert flow.attributes("/w/v") == Attributes(0o755, None)


def test_volumes_are_followed_through_stages() -> None:
    flow = play('FROM scratch AS a\nVOLUME /data\nFROM a\nVOLUME ["/x", "/y/"]\n')
    assert [stage.volumes for stage in flow.stages] == [("/data",), ("/data", "/x", "/y")]


def test_what_is_written_behind_an_opaque_command_is_sure_again(context: BuildContext) -> None:
    flow = last("FROM scratch\nCOPY a.txt /a\nRUN [ -e\nCOPY a.txt /b\n", context)
    assert reasons(flow)
    assert (flow.is_sure("/a"), flow.is_sure("/b")) == (False, True)
