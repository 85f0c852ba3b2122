"""RUN: what commands do to files that are known, in which folder, and whether that reaches the layer."""

from __future__ import annotations

from pathlib import Path

import pytest
from played import added, context_of, last, reasons, removals, removed

from dfguard.context.tree import BuildContext

FILES = {".env": "A=1", "a.txt": "a", "b.txt": "b", "d/x": "x", "d/.hidden": "h", "d/s/y": "y", "to-d -> d": None}
TOP = "FROM debian:12.8-slim\nWORKDIR /w\nCOPY . .\n"
ALL = {f"/w/{name.partition(' -> ')[0]}" for name in FILES}


@pytest.fixture
def context(tmp_path: Path) -> BuildContext:
    return context_of(tmp_path, FILES)


def gone(run: str, context: BuildContext) -> set[str]:
    """What a RUN takes from the view."""
    return ALL - set(last(f"{TOP}{run}\n", context).view)


# -- rm

D = {"/w/d/x", "/w/d/.hidden", "/w/d/s/y"}


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("RUN rm a.txt", {"/w/a.txt"}),
        ("RUN rm -f ./a.txt /w/b.txt", {"/w/a.txt", "/w/b.txt"}),
        ("RUN rm -f none.txt", set()),
        ("RUN rm \"a.txt\" 'b.txt'", {"/w/a.txt", "/w/b.txt"}),
        ("RUN rm d", set()),
        ("RUN rm -f d", set()),
        ("RUN rmdir d", set()),
        ("RUN unlink a.txt", {"/w/a.txt"}),
        ("RUN rm -r d", D),
        ("RUN rm -fr -- d/ a.txt", D | {"/w/a.txt"}),
        ("RUN rm --recursive d/s", {"/w/d/s/y"}),
        ("RUN rm -rf /w", ALL),
        ("RUN rm -rf /", ALL),
        ("RUN rm -rf /other /w/d2", set()),
        ("RUN rm to-d", {"/w/to-d"}),
        ("RUN rm to-d/x", {"/w/d/x"}),
        ("RUN rm *.txt", {"/w/a.txt", "/w/b.txt"}),
        ("RUN rm -rf *", ALL - {"/w/.env"}),
        ("RUN rm -rf d/*", {"/w/d/x", "/w/d/s/y"}),
        ("RUN rm -rf .[!.]* d/.*", {"/w/.env", "/w/d/.hidden"}),
        ("RUN rm *", {"/w/a.txt", "/w/b.txt", "/w/to-d"}),
        ("RUN rm /*/?.txt", {"/w/a.txt", "/w/b.txt"}),
        ("RUN rm '*.txt' \"b\".*", {"/w/b.txt"}),
        ("RUN rm [!b].txt [", {"/w/a.txt"}),
        ("RUN cd d && rm x", {"/w/d/x"}),
        ("RUN cd d && cd s; rm ../x", {"/w/d/x"}),
        ("RUN cd /w/d && rm -r s && cd .. && rm a.txt", {"/w/d/s/y", "/w/a.txt"}),
        ("RUN (cd d && rm x); rm a.txt", {"/w/d/x", "/w/a.txt"}),
        ("RUN (cd d; (cd s; rm y); rm x)", {"/w/d/s/y", "/w/d/x"}),
        ("RUN cd to-d && rm x", {"/w/d/x"}),
        ("RUN cd $UNKNOWN && rm a.txt", set()),
        ("RUN cd - && rm a.txt", set()),
        ("RUN pushd d && rm x", {"/w/d/x"}),
        ("RUN pushd d && popd && rm a.txt", set()),
        ("RUN rm $UNKNOWN/a.txt", set()),
        ("RUN F=a.txt && rm $F", {"/w/a.txt"}),
        ("ENV D=/w/d\nRUN rm -r $D ${D}x", D),
        ("RUN set -e; rm a.txt || true", {"/w/a.txt"}),
        ("RUN sudo rm a.txt", {"/w/a.txt"}),
        ("RUN sh -c 'cd d && rm x' && rm a.txt", {"/w/d/x", "/w/a.txt"}),
        ("RUN <<EOF\ncd d\nrm x\nEOF", {"/w/d/x"}),
        ('RUN ["rm", "-r", "d"]', D),
        ('RUN ["rm", "*.txt"]', set()),
        ('RUN ["/bin/sh", "-c", "rm *.txt"]', {"/w/a.txt", "/w/b.txt"}),
        ('RUN if [ -n "$X" ]; then rm a.txt; fi', set()),
        ("RUN [ -f a.txt ] && rm a.txt", set()),
        ("RUN test -x /y || rm a.txt", set()),
        ("RUN for f in a.txt b.txt; do rm $f; done", set()),
        ("RUN find . -name '*.txt' -delete", {"/w/a.txt", "/w/b.txt"}),
        ("RUN find . -newer a.txt -delete", set()),
        ("RUN find d -mindepth 1 -type f -exec rm {} +", D),
        ("RUN find d -type f ! -name 'x*' | xargs rm -f", D - {"/w/d/x"}),
        ("RUN ls | xargs rm a.txt", {"/w/a.txt"}),
    ],
)
def test_rm(run: str, expected: set[str], context: BuildContext) -> None:
    assert gone(run, context) == expected


@pytest.mark.parametrize(
    ("run", "path", "certain"),
    [
        ("RUN rm a.txt", "/w/a.txt", True),
        ("RUN rm -rf /var/lib/apt/lists/*", "/var/lib/apt/lists/*", True),
        ("RUN [ -f a.txt ] && rm a.txt", "/w/a.txt", False),
        ("RUN [ -d d ] && cd d && rm x", "/w/d/x", False),
        ("RUN cd $X && rm a.txt", "**/a.txt", False),
        ("RUN rm ~/a.txt", "/root/a.txt", True),
        ("RUN cd && rm a.txt", "/root/a.txt", True),
        ("USER app\nRUN rm ~/a.txt", "**/a.txt", False),
        ("USER app\nRUN cd ~ && rm a.txt", "**/a.txt", False),
    ],
)
def test_what_is_said_of_a_removal(run: str, path: str, certain: bool, context: BuildContext) -> None:
    (event,) = removed(last(f"{TOP}{run}\n", context))
    assert (event.path, event.certain) == (path, certain)


def test_a_removal_that_may_not_happen_is_told_and_leaves_the_view(context: BuildContext) -> None:
    flow = last(f"{TOP}RUN [ -f a.txt ] && rm a.txt\n", context)
    assert removals(flow) == [("/w/a.txt", 3, "a.txt", 4)]
    assert not flow.removals[0].removed.certain
    assert "/w/a.txt" in flow.view


def test_a_certain_removal_takes_the_place_of_an_uncertain_one(context: BuildContext) -> None:
    flow = last(f"{TOP}RUN [ -f x ] && rm a.txt\nRUN rm a.txt\nRUN [ -f x ] && rm a.txt\n", context)
    assert removals(flow) == [("/w/a.txt", 3, "a.txt", 5)]


def test_files_in_an_unknown_working_directory(context: BuildContext) -> None:
    flow = last("FROM example.com/x\nCOPY . .\nRUN rm a.txt /b.txt && cd d && rm -r s\n", context)
    assert [path for path, *_ in removals(flow)] == ["**/a.txt", "**/d/s/y"]


def test_every_removed_file_is_named_with_the_word(context: BuildContext) -> None:
    flow = last(f"{TOP}RUN rm -r d a.txt\n", context)
    assert removals(flow) == [
        ("/w/d/.hidden", 3, "d", 4),
        ("/w/d/x", 3, "d", 4),
        ("/w/d/s/y", 3, "d", 4),
        ("/w/a.txt", 3, "a.txt", 4),
    ]


# -- mv, cp, ln


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("mv a.txt c", {"/w/c": "a.txt"}),
        ("mv a.txt d", {"/w/d/a.txt": "a.txt"}),
        ("mv a.txt b.txt d/s", {"/w/d/s/a.txt": "a.txt", "/w/d/s/b.txt": "b.txt"}),
        ("mv *.txt /opt", {"/opt/a.txt": "a.txt", "/opt/b.txt": "b.txt"}),
        ("mv -t /opt a.txt", {"/opt/a.txt": "a.txt"}),
        ("mv -T a.txt d/s/y", {"/w/d/s/y": "a.txt"}),
        ("mv d /e", {"/e/x": "d/x", "/e/.hidden": "d/.hidden", "/e/s/y": "d/s/y"}),
        ("mv d /opt", {"/opt/d/x": "d/x", "/opt/d/.hidden": "d/.hidden", "/opt/d/s/y": "d/s/y"}),
        ("mv d/ /opt/", {"/opt/d/x": "d/x", "/opt/d/.hidden": "d/.hidden", "/opt/d/s/y": "d/s/y"}),
        ("mv d/* .", {"/w/x": "d/x", "/w/s/y": "d/s/y"}),
        ("mv a.txt b.txt", {"/w/b.txt": "a.txt"}),
        ("mv none c", {}),
        ("mv a.txt a.txt", {}),
        ("mv d d/s", {}),
        ("cp a.txt c", {"/w/c": "a.txt"}),
        ("cp a.txt /usr/local/bin", {"/usr/local/bin/a.txt": "a.txt"}),
        ("cp a.txt ~/", {"/root/a.txt": "a.txt"}),
        ("cp d /e", {}),
        ("cp d/* /opt", {"/opt/x": "d/x"}),
        ("cp -r d /e", {"/e/x": "d/x", "/e/.hidden": "d/.hidden", "/e/s/y": "d/s/y"}),
        ("cp -a d/. /e", {"/e/x": "d/x", "/e/.hidden": "d/.hidden", "/e/s/y": "d/s/y"}),
        ("cp -a d/. /opt/s", {"/opt/s/x": "d/x", "/opt/s/.hidden": "d/.hidden", "/opt/s/s/y": "d/s/y"}),
        ("cd d && cp -r . /e", {"/e/x": "d/x", "/e/.hidden": "d/.hidden", "/e/s/y": "d/s/y"}),
        ("cp -r d/s a.txt /opt", {"/opt/s/y": "d/s/y", "/opt/a.txt": "a.txt"}),
        ("mkdir -p /e && cp -r d/s /e", {"/e/s/y": "d/s/y"}),
        ("install -m 600 a.txt /opt/c", {"/opt/c": "a.txt"}),
        ("install -d /e && install a.txt /e", {"/e/a.txt": "a.txt"}),
        ("ln a.txt hard", {"/w/hard": "a.txt"}),
        ("cp to-d/x c", {"/w/c": "d/x"}),
        ("ln -s a.txt l && cp l c", {"/w/l": "", "/w/c": "a.txt"}),
        ("ln -s /w/d /l && cp a.txt /l", {"/l": "", "/w/d/a.txt": "a.txt"}),
        ("ln -s d one && ln -s one two && mv a.txt two/s", {"/w/one": "", "/w/two": "", "/w/d/s/a.txt": "a.txt"}),
        ("ln -s /w/d/x", {"/w/x": ""}),
        ("ln -s l1 l2; ln -s l2 l1; echo 1 > l1/f", {"/w/l2": "", "/w/l1": "", "/w/l1/f": ""}),
    ],
)
def test_mv_cp_and_ln(run: str, expected: dict[str, str], context: BuildContext) -> None:
    flow = last(f"{TOP}RUN {run}\n", context)
    made = {
        a.path: a.origin.path if a.origin.kind == "context" else "" for a in added(flow) if a.instruction.index == 3
    }
    assert made == expected
    assert all(flow.view[path].instruction.index == 3 for path in made if path != "/w/l1")


def test_a_copy_of_an_unknown_file_is_a_file_that_may_be_elsewhere(context: BuildContext) -> None:
    flow = last(f"{TOP}RUN cp /etc/hosts /etc/other f1 && cp /etc/hosts f2 && cp -r /usr/share f3\n", context)
    made = [(a.path, a.origin.kind, a.certain) for a in added(flow) if a.instruction.index == 3]
    assert made == [
        ("/w/f1/hosts", "command", False),
        ("/w/f1/other", "command", False),
        ("/w/f2", "command", False),
    ]


def test_what_may_not_be_moved_stays_too(context: BuildContext) -> None:
    flow = last(f"{TOP}RUN [ -f x ] && mv a.txt c\n", context)
    assert {"/w/a.txt", "/w/c"} <= set(flow.view)
    assert (flow.view["/w/c"].certain, removals(flow), removed(flow)) == (False, [], [])


def test_a_moved_file_is_hidden_where_it_was(context: BuildContext) -> None:
    flow = last(f"{TOP}RUN mv a.txt c\n", context)
    assert removals(flow) == [("/w/a.txt", 3, "a.txt", 4)]
    assert flow.view["/w/c"].place.text == "c"


def test_moved_and_removed_in_one_run_is_removed_from_the_layer_of_the_copy(context: BuildContext) -> None:
    flow = last(f"{TOP}RUN mv a.txt c && mv c d/e && rm d/e\n", context)
    assert removals(flow) == [("/w/a.txt", 3, "d/e", 4)]


def test_moved_and_removed_later_is_in_both_layers(context: BuildContext) -> None:
    flow = last(f"{TOP}RUN mv a.txt c\nRUN rm c\n", context)
    assert removals(flow) == [("/w/a.txt", 3, "a.txt", 4), ("/w/c", 4, "c", 5)]


def test_removing_a_copy_leaves_the_file(context: BuildContext) -> None:
    flow = last(f"{TOP}RUN cp a.txt c && rm c\n", context)
    assert (removals(flow), "/w/a.txt" in flow.view, "/w/c" in flow.view) == ([], True, False)


# -- writing


@pytest.mark.parametrize(
    ("run", "made"),
    [
        ("echo 1 > new", {"/w/new"}),
        ("echo 1 >new 2>&1 2>/dev/null >/dev/stderr", {"/w/new"}),
        ("echo 1 >> new && echo 2 | tee t1 t2 >/dev/null", {"/w/new", "/w/t1", "/w/t2"}),
        ("touch new a.txt", {"/w/new"}),
        (": > a.txt", {"/w/a.txt"}),
        ("cd d && (cd s && echo > deep) && echo > flat", {"/w/d/s/deep", "/w/d/flat"}),
        ("{ echo 1; echo 2; } > both", {"/w/both"}),
        ("cat <<E > here\ntext\nE", {"/w/here"}),
        ("echo 1 > $X", set()),
        ("cd $X && echo 1 > new", set()),
        ("echo 1 > d", set()),
        ("echo 1 > /proc/sys/x", set()),
    ],
)
def test_writing(run: str, made: set[str], context: BuildContext) -> None:
    text = f"{TOP}RUN <<EOF\n{run}\nEOF\n"
    assert {a.path for a in added(last(text, context)) if a.instruction.index == 3} == made


def test_what_is_added_to_keeps_its_origin_and_what_is_replaced_does_not(context: BuildContext) -> None:
    flow = last(f"{TOP}RUN echo 1 >> a.txt && echo 2 > b.txt && touch .env\n", context)
    origins = {path: (flow.view[path].origin.kind, flow.view[path].origin.path) for path in ("/w/a.txt", "/w/b.txt")}
    assert origins == {"/w/a.txt": ("context", "a.txt"), "/w/b.txt": ("command", "/w/b.txt")}
    assert flow.view["/w/.env"].origin.place.text == "."


def test_a_file_made_and_removed_in_one_run_leaves_no_trace(context: BuildContext) -> None:
    flow = last(f"{TOP}RUN echo 1 > new && mkdir t && cp -r d t && mv new t && rm -r t\n", context)
    assert removals(flow) == []
    assert set(flow.view) == ALL


def test_a_file_replaced_and_removed_in_one_run_is_removed_from_the_layer_below(context: BuildContext) -> None:
    flow = last(f"{TOP}RUN echo 1 >> a.txt; echo 2 > b.txt; mv b.txt a.txt; rm a.txt\n", context)
    assert sorted(removals(flow)) == [("/w/a.txt", 3, "a.txt", 4), ("/w/b.txt", 3, "a.txt", 4)]


def test_a_run_may_remove_what_an_earlier_run_made(context: BuildContext) -> None:
    flow = last(f"{TOP}RUN echo 1 > new\nRUN rm new\n", context)
    assert removals(flow) == [("/w/new", 4, "new", 5)]


# -- mounts


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("RUN --mount=type=tmpfs,target=/w/d rm -rf d/x", ALL),
        ("RUN --mount=type=cache,target=/w/d rm -rf /w/d", ALL),
        ("RUN --mount=type=cache,target=d rm -rf d/*", ALL),
        ("ENV T=/w/d\nRUN --mount=type=cache,target=$T rm -rf d/*", ALL),
        ("RUN --mount=type=cache,target=/w/d/s rm -rf d", {"/w/d/s/y"} | (ALL - D)),
        ("RUN --mount=type=secret,id=k,target=/w/.env rm -f .env a.txt", ALL - {"/w/a.txt"}),
        ("RUN --mount=type=bind,target=/m,rw echo 1 > /m/new", ALL),
        ("RUN --mount=type=cache,target=/m mv a.txt /m/ && cp -r d /m/d", ALL - {"/w/a.txt"}),
        ("RUN --mount=type=cache,target=/m cp /m/x y", ALL | {"/w/y"}),
        ("RUN --mount=type=secret,id=k cp /run/secrets/k k", ALL | {"/w/k"}),
        ("RUN --mount=type=secret,id=k echo 1 > /run/secrets/k", ALL),
        ("RUN --mount=type=secret,id=k,env=K echo 1 > /run/secrets/k", ALL | {"/run/secrets/k"}),
        ("RUN --mount=type=ssh rm a.txt", ALL - {"/w/a.txt"}),
    ],
)
def test_what_lies_under_a_mount_is_not_in_the_layer(run: str, expected: set[str], context: BuildContext) -> None:
    assert set(last(f"{TOP}{run}\n", context).view) == expected


# -- what is not understood


@pytest.mark.parametrize(
    ("run", "reason"),
    [
        ('SHELL ["powershell", "-Command"]\nRUN Remove-Item a.txt', "it is run by powershell"),
        ("RUN <<EOF\n#!/usr/bin/env python3\nimport os\nEOF", "it is run by python3"),
        ("RUN find . -newer x -delete", "find changes files that match"),
        ("RUN rm $X", "rm of a path that is not known"),
        ("RUN ls | xargs rm", "rm also takes paths from its input"),
    ],
)
def test_the_reason_is_told(run: str, reason: str, context: BuildContext) -> None:
    flow = last(f"{TOP}{run}\n", context)
    assert reasons(flow) == [reason]
    assert set(flow.view) == ALL
