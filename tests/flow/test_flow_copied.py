"""Files that a COPY brings in bulk: nobody can tell them from files that were written one by one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from played import added, context_of, last, play, removals, unit_of

from dfguard.context.tree import BuildContext
from dfguard.flow import copied
from dfguard.flow.copied import Layouts
from dfguard.flow.events import Added
from dfguard.flow.filesystem import StageFlow

FILES = {"a.txt": "1", "b.txt": "22", "d/x": "", "d/s/y": "333", "d/s/z": "", "to-a -> a.txt": None, "empty/": None}
TOP = "FROM scratch\nWORKDIR /w\n"


@pytest.fixture
def context(tmp_path: Path) -> BuildContext:
    """A small one."""
    return context_of(tmp_path, FILES)


def from_view(flow: StageFlow) -> list[Added]:
    """Asks the view for each path, backwards."""
    return [flow.view[path] for path in reversed(list(flow.view))][::-1]


@pytest.mark.parametrize("first", [from_view, added, lambda flow: [*flow.added]])
def test_a_file_is_the_same_object_for_all_who_ask(
    first: Callable[[StageFlow], list[Added]], context: BuildContext
) -> None:
    flow = last(f"{TOP}COPY . .\n", context)
    asked = first(flow)
    assert len(asked) == len(flow.events) - 4 == len(flow.added) == 6
    for every in (from_view(flow), added(flow), [*flow.added], [*flow.view.values()]):
        assert [id(each) for each in every] == [id(each) for each in asked]
    assert [(path, id(each)) for path, each in flow.view.items()] == [(each.path, id(each)) for each in asked]


def test_what_was_there_is_replaced_and_hidden_with_what_replaced_it(context: BuildContext) -> None:
    flow = last(f"{TOP}COPY a.txt d/x /w/\nCOPY d d\nRUN echo 1 > d/x\nCOPY . .\nRUN rm a.txt d/x\n", context)
    assert sorted(removals(flow)) == [
        ("/w/a.txt", 3, "a.txt", 7),
        ("/w/a.txt", 6, "a.txt", 7),
        ("/w/d/x", 4, "d/x", 7),
        ("/w/d/x", 5, "d/x", 7),
        ("/w/d/x", 6, "d/x", 7),
    ]
    assert flow.view["/w/x"].instruction.start_line == 3
    assert not {"/w/a.txt", "/w/d/x"} & set(flow.view)


def test_a_folder_gives_way_to_a_file_and_a_link_to_a_folder(context: BuildContext, tmp_path: Path) -> None:
    flow = last(f"{TOP}RUN mkdir -p a.txt/deep && ln -s /z d\nCOPY . .\n", context)
    assert flow.view["/w/a.txt"].origin.path == "a.txt"
    assert not any(path.startswith("/w/a.txt/") for path in flow.folders)
    assert "/w/d/s/y" in flow.view or "/z/s/y" in flow.view


def test_losses_tell_files_of_two_copies_of_all(context: BuildContext) -> None:
    (loss,) = unit_of(f"{TOP}COPY . .\nCOPY d/s /w/d/s\n", context).losses
    assert (loss.how, [file.path for file in loss.files], loss.size) == ("replaced", ["/w/d/s/y", "/w/d/s/z"], 3)
    assert (loss.instruction.start_line, loss.by.start_line) == (3, 4)


def test_two_builds_share_no_more_than_names(context: BuildContext) -> None:
    one, other = (last(f"{TOP}{blank}COPY . .\nRUN rm -r d\n", context) for blank in ("", "ARG X\nARG Y\n"))
    assert sorted(one.view) == sorted(other.view) == ["/w/a.txt", "/w/b.txt", "/w/to-a"]
    assert {each.instruction.start_line for each in one.view.values()} == {3}
    assert {each.place.start_line for each in other.view.values()} == {5}
    assert one.tree.link_of("/w/to-a") == other.tree.link_of("/w/to-a") == "a.txt"


def test_a_stage_goes_on_with_files_of_its_parent_without_changing_them(context: BuildContext) -> None:
    text = "FROM scratch AS top\nWORKDIR /w\nCOPY . .\nFROM top\nRUN rm -r d && mv a.txt z\n"
    flow = play(f"{text}FROM top\nCOPY --from=0 /w/d /e\n", context)
    assert len(flow.stages[0].view) == 6
    assert sorted(flow.stages[1].view) == ["/w/b.txt", "/w/to-a", "/w/z"]
    assert flow.stages[2].view["/e/s/y"].origin is flow.stages[0].view["/w/d/s/y"].origin


def test_layouts_are_kept_up_to_a_number_of_files(context: BuildContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copied, "MOST_KEPT", 15)
    layouts = Layouts(context)
    (whole,), (folder,) = context.sources("."), context.sources("d")
    first = layouts.of(whole, "/w/")
    assert layouts.of(whole, "/w/") is first
    second = layouts.of(folder, "/w/")
    assert (layouts.of(folder, "/w/") is second, second.paths) == (True, ("/w/s/y", "/w/s/z", "/w/x"))
    assert layouts.of(whole, "/x/") is not layouts.of(whole, "/w/") is not first
    assert layouts.of(folder, "/w/") is not second


def test_files_are_carried_through_more_stages_than_functions_can_call_each_other(context: BuildContext) -> None:
    stages = [f"FROM scratch AS s{number}\nCOPY --from=s{number - 1} /w /w\n" for number in range(1, 1500)]
    flow = play(f"FROM scratch AS s0\nCOPY . /w\n{''.join(stages)}", context)
    file = flow.stages[-1].view["/w/d/s/y"]
    assert (len(file.hops), file.origin.path, file.certain) == (1499, "d/s/y", True)
    assert flow.stages[-1].is_sure("/w/d/s/y") and flow.stages[-1].tree.link_of("/w/to-a") == "a.txt"


def test_carried_files_keep_what_was_changed_before_and_get_what_the_copy_says(context: BuildContext) -> None:
    text = "FROM scratch AS a\nCOPY . /w\nRUN chmod 640 /w/a.txt && chown 5:6 /w/b.txt && sed -i s/1/2/ /w/d/x\n"
    flow = play(f"{text}FROM scratch\nCOPY --from=a --chown=7:8 /w /v\nCOPY --from=a /w /w\n", context).stages[-1]
    owners = {path: (each.mode, each.owner) for path in flow.view if (each := flow.attributes(path))}
    assert owners["/v/a.txt"] == (0o640, "7:8") and owners["/w/a.txt"] == (0o640, "0:0")
    assert owners["/v/b.txt"][1] == "7:8" and owners["/w/b.txt"][1] == "5:6"
    assert flow.is_rewritten("/v/d/x") and not flow.is_rewritten("/v/d/s/y")


def test_what_no_context_holds_is_found_among_carried_files(context: BuildContext) -> None:
    token = "ghp_" + "a1B2c3D4e5F6" * 3
    text = f"FROM scratch AS a\nCOPY . /w\nCOPY <<EOF /w/.npmrc\n//r.example/:_authToken={token}\nEOF\n"
    text += "ADD https://x.example/t /w/t\n"
    unit = unit_of(f"{text}FROM scratch\nCOPY --from=a /w /v\n", context)
    assert [each.path for each in unit.flow.stages[-1].added.single] == ["/v/.npmrc", "/v/t"]
    (copy,) = unit.secret_copies
    assert [(each.added.path, each.added.origin.kind) for each in copy.arrivals] == [("/v/.npmrc", "heredoc")]


def test_a_value_is_followed_into_files_and_on_to_carried_ones(context: BuildContext) -> None:
    text = "FROM scratch AS a\nARG TOKEN\nCOPY . /w\nRUN echo $TOKEN > /w/d/x && cp /w/d/x /w/d/more\n"
    (flow,) = unit_of(f"{text}FROM scratch\nCOPY --from=a /w /v\n", context, TOKEN="a").value_flows
    assert {sink.key for sink in flow.sinks if sink.ships} == {"/v/d/x", "/v/d/more"}


def test_a_secret_of_the_context_is_followed_beside_a_value_that_was_written(tmp_path: Path) -> None:
    token = "ghp_" + "a1B2c3D4e5F6" * 3
    context = context_of(tmp_path, {**FILES, "d/.npmrc": f"//r.example/:_authToken={token}\n"})
    text = "FROM scratch AS a\nARG TOKEN\nRUN echo $TOKEN > /first\nCOPY . /w\n"
    flows = unit_of(f"{text}FROM scratch\nCOPY --from=a / /v\n", context, TOKEN="a").value_flows
    told = {flow.value.name: {sink.key for sink in flow.sinks if sink.ships} for flow in flows}
    assert told == {"TOKEN": {"/v/first"}, "d/.npmrc": {"/v/w/d/.npmrc"}}
