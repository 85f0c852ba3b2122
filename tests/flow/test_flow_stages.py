"""Stages: what FROM hands on, and what COPY --from takes, with the way it came."""

from __future__ import annotations

from pathlib import Path

import pytest
from played import added, context_of, last, paths, play, reasons, removals

from dfguard.context.tree import BuildContext

FILES = {
    ".env": "A=1",
    "a.txt": "a",
    "d/x": "x",
    "d/.hidden": "h",
    "d/s/y": "y",
    "to-d -> d": None,
    "to-a -> a.txt": None,
}
BUILD = "FROM debian:12 AS build\nCOPY . /src/\n"


@pytest.fixture
def context(tmp_path: Path) -> BuildContext:
    return context_of(tmp_path, FILES)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("COPY --from=build /src/a.txt /dest", ["/dest"]),
        ("COPY --from=build /src/a.txt /dest/", ["/dest/a.txt"]),
        ("COPY --from=build src/a.txt .", ["/a.txt"]),
        ("COPY --from=BUILD /src/./d/../a.txt /dest", ["/dest"]),
        ("COPY --from=0 /src/a.txt /dest", ["/dest"]),
        ("COPY --from=build /src/d /dest", ["/dest/.hidden", "/dest/s/y", "/dest/x"]),
        ("COPY --from=build /src/d/ /src/a.txt /dest/", ["/dest/.hidden", "/dest/a.txt", "/dest/s/y", "/dest/x"]),
        ("COPY --from=build /src/d/* /dest/", ["/dest/.hidden", "/dest/x", "/dest/y"]),
        ("COPY --from=build /src/.e* /dest/", ["/dest/.env"]),
        ("COPY --from=build /*/d/[x] /dest/", ["/dest/x"]),
        ("COPY --from=build /src/to-d /dest", ["/dest/.hidden", "/dest/s/y", "/dest/x"]),
        ("COPY --from=build /src/to-a /dest/", ["/dest/to-a"]),
        ("COPY --from=build /src/to-d/x /dest/", ["/dest/x"]),
        ("COPY --from=build --parents /src/d/s /dest/", ["/dest/src/d/s/y"]),
    ],
)
def test_what_is_taken_from_a_stage(line: str, expected: list[str], context: BuildContext) -> None:
    assert paths(last(f"{BUILD}FROM scratch\n{line}\n", context)) == expected


def test_the_root_of_a_stage_is_all_of_it(context: BuildContext) -> None:
    flow = play(f"{BUILD}FROM scratch\nCOPY --from=build / /\nCOPY --from=build . /in/\n", context)
    whole = set(flow.stages[0].view)
    assert set(flow.stages[1].view) == whole | {f"/in{path}" for path in whole}


def test_a_folder_of_a_stage_brings_its_folders_too(context: BuildContext) -> None:
    flow = last(f"{BUILD}RUN mkdir /src/d/empty\nFROM scratch\nCOPY --from=build /src/d /o\nCOPY a.txt /o/s\n", context)
    assert "/o/s/a.txt" in flow.view


def test_only_earlier_stages_count(context: BuildContext) -> None:
    text = (
        "FROM scratch AS one\nCOPY --from=two /a /x\nCOPY --from=one /a /y\nCOPY --from=7 /a /z\nFROM scratch AS two\n"
    )
    flow = play(text, context).stages[0]
    assert [(a.path, a.origin.kind, a.certain) for a in added(flow)] == [
        ("/x", "remote", False),
        ("/y", "remote", False),
        ("/z", "remote", False),
    ]


def test_images_and_named_contexts_bring_unknown_files(context: BuildContext) -> None:
    flow = last("FROM scratch\nCOPY --from=composer:2 /usr/bin/composer /bin/\n", context)
    (copied,) = added(flow)
    assert (copied.path, copied.origin.kind, copied.origin.path) == ("/bin/composer", "remote", "/usr/bin/composer")


def test_unknown_files_of_a_stage(context: BuildContext) -> None:
    text = "FROM golang:1.23 AS build\nRUN make\nRUN mkdir /out\nFROM scratch\nCOPY --from=build /go/bin/app /app\n"
    flow = last(f"{text}COPY --from=build /out /out\n", context)
    (copied,) = added(flow)
    assert (copied.path, copied.origin.kind, copied.certain) == ("/app", "stage", False)
    assert [hop.text for hop in copied.hops] == ["/go/bin/app"]
    assert reasons(flow) == ["nothing is known of what is in /out there"]


def test_the_last_stage_of_a_name_counts(context: BuildContext) -> None:
    text = "FROM scratch AS x\nCOPY a.txt /f\nFROM scratch AS x\nCOPY d/x /f\nFROM scratch\nCOPY --from=x /f /g\n"
    assert last(text, context).view["/g"].origin.path == "d/x"


def test_a_file_keeps_its_origin_over_three_stages_and_every_hop_is_told(context: BuildContext) -> None:
    text = (
        "FROM debian:12 AS one\nCOPY .env /one/\n"
        "FROM debian:12 AS two\nCOPY --from=one /one /two\nRUN mv /two/.env /two/env\n"
        "FROM debian:12 AS three\nCOPY --from=two /two/env /three/\n"
        "FROM scratch\nCOPY --from=three / /\n"
    )
    flow = last(text, context)
    (copied,) = added(flow)
    assert copied.path == "/three/env"
    assert (copied.origin.path, copied.origin.place.text, copied.origin.place.start_line) == (".env", ".env", 2)
    assert [(hop.text, hop.start_line) for hop in copied.hops] == [("/one", 4), ("/two/env", 7), ("/", 9)]
    assert copied.entry is copied.hops[-1]
    assert copied.certain


def test_what_a_stage_removed_is_not_taken(context: BuildContext) -> None:
    flow = play(f"{BUILD}RUN rm /src/.env\nFROM scratch\nCOPY --from=build /src /\n", context)
    assert "/.env" not in flow.stages[1].view
    assert removals(flow.stages[0]) == [("/src/.env", 2, "/src/.env", 3)]
    assert removals(flow.stages[1]) == []


# -- FROM a stage


def test_from_a_stage_hands_on_files_user_and_working_directory(context: BuildContext) -> None:
    text = (
        "FROM debian:12 AS a\nUSER 1000:0\nWORKDIR /w\nCOPY a.txt .\nFROM a AS b\nCOPY d/x sub/\nFROM b\nRUN rm a.txt\n"
    )
    one, two, three = play(text, context).stages
    assert (paths(one), paths(two), paths(three)) == (["/w/a.txt"], ["/w/a.txt", "/w/sub/x"], ["/w/sub/x"])
    assert [a.path for a in added(two)] == ["/w/sub/x"]
    assert removals(three) == [("/w/a.txt", 4, "a.txt", 8)]
    assert (three.workdir, three.user_name, three.user) == ("/w", "1000:0", one.user)


def test_a_stage_does_not_change_the_one_that_it_is_from(context: BuildContext) -> None:
    text = "FROM scratch AS a\nCOPY d /d\nFROM a\nRUN rm -r /d\nFROM a\nCOPY a.txt /d/s\n"
    one, two, three = play(text, context).stages
    assert paths(one) == ["/d/.hidden", "/d/s/y", "/d/x"]
    assert paths(two) == []
    assert paths(three) == ["/d/.hidden", "/d/s/a.txt", "/d/s/y", "/d/x"]


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ("USER app", "app"),
        ('USER "app:app"', "app:app"),
        ("ARG UID=1001\nUSER $UID", "1001"),
        ("ARG UID\nUSER $UID", None),
        ("USER app\nUSER root", "root"),
        ("", None),
    ],
)
def test_the_user(lines: str, name: str | None, context: BuildContext) -> None:
    flow = last(f"FROM debian:12\n{lines}\n", context)
    assert flow.user_name == name
    assert (flow.user is None) == (not lines)


def test_triggers_of_onbuild_run_in_the_stages_below(context: BuildContext) -> None:
    text = "FROM scratch AS a\nWORKDIR /w\nONBUILD COPY a.txt .\nONBUILD WORKDIR sub\nFROM a\nCOPY d/x .\n"
    one, two = play(text, context).stages
    assert paths(one) == []
    assert paths(two) == ["/w/a.txt", "/w/sub/x"]


def test_shipped_stages_and_the_target(context: BuildContext) -> None:
    text = "FROM scratch AS a\nFROM scratch AS b\nFROM a AS c\nCOPY --from=b / /\nFROM scratch AS d\n"
    flow = play(text, context, target="c")
    assert [stage.stage.index for stage in flow.shipped] == [0, 2]
    assert flow.target is flow.stages[2]
    assert play("ARG X\n", context).target is None


# -- limits


def test_too_many_files_are_not_followed_and_that_is_said(
    context: BuildContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dfguard.flow.world.MAX_FILES", 20)
    text = "FROM scratch AS a\nCOPY . /1/\nCOPY . /2/\nCOPY . /3/\nFROM a AS b\nFROM scratch\nCOPY --from=a / /\n"
    one, two, three = play(text, context).stages
    assert {path[:3] for path in one.view} == {"/1/", "/2/"}
    assert reasons(one) == ["too many files: not all are followed"]
    assert (paths(two), reasons(two)) == ([], ["too many files: not all are followed"])
    assert (paths(three), reasons(three)) == ([], ["too many files: not all are followed"])


def test_commands_on_too_many_files_are_not_followed(context: BuildContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dfguard.flow.world.MAX_FILES", 20)
    flow = last("FROM scratch\nCOPY . /1\nRUN cp -r /1 /2; cp -r /1 /3; false || rm -r /1; rm -r /2\n", context)
    assert {path[:3] for path in flow.view} == {"/1/"}
    assert reasons(flow).count("too many files: not all are followed") == 3


def test_too_many_patterns_find_nothing(context: BuildContext, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("filetree", "workplace"):
        monkeypatch.setattr(f"dfguard.flow.{module}.MAX_LOOKS", 4)
    flow = last("FROM scratch\nCOPY d /1\nRUN rm /1/*; rm -r /1/s*; rm /1/.h*; rm /1/.hidden\n", context)
    assert paths(flow) == ["/1/s/y"]
    assert reasons(flow).count("too many patterns: not all are followed") == 2
