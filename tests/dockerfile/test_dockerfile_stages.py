"""Stages, references, scopes: what is built from what, and who sees which variable."""

from __future__ import annotations

import pytest

from dfguard.dockerfile.nodes import Onbuild
from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.scopes import PREDEFINED_ARGS, Scope
from dfguard.dockerfile.stages import StageGraph, build_graph
from dfguard.errors import UsageError
from dfguard.source import Source


def graph(text: str, target: str | None = None, **build_args: str) -> StageGraph:
    return build_graph(parse(Source("Dockerfile", text)), target=target, build_args=build_args)


def scope_of_last(text: str, **build_args: str) -> Scope:
    """What the last instruction sees."""
    found = graph(text, **build_args)
    return found.scope_at(found.dockerfile.instructions[-1])


def indexes(found: StageGraph, attribute: str) -> list[int]:
    return [stage.index for stage in found.stages if getattr(stage, attribute)]


MULTI = """\
ARG V=1
FROM golang:$V AS Build
RUN make
FROM node AS web
RUN npm
FROM alpine AS base
RUN apk
FROM base AS final
COPY --from=BUILD /a /a
RUN --mount=type=bind,from=web,target=/w x
FROM final AS debug
COPY --from=0 /d /d
COPY --from=nginx:1 /e /e
"""


def test_stages() -> None:
    found = graph(MULTI)
    assert [(s.name, s.parent, s.image) for s in found.stages] == [
        ("build", None, "golang:1"),
        ("web", None, "node"),
        ("base", None, "alpine"),
        ("final", 2, None),
        ("debug", 3, None),
    ]
    assert [len(stage.instructions) for stage in found.stages] == [1, 1, 1, 2, 2]
    assert indexes(found, "target") == [4]
    assert indexes(found, "ships") == [2, 3, 4]
    assert indexes(found, "reachable") == [0, 1, 2, 3, 4]
    assert found.problems == ()


def test_target() -> None:
    found = graph(MULTI, target="Base")
    assert (indexes(found, "target"), indexes(found, "ships"), indexes(found, "reachable")) == ([2], [2], [2])
    found = graph(MULTI, target="final")
    assert (indexes(found, "ships"), indexes(found, "reachable")) == ([2, 3], [0, 1, 2, 3])


@pytest.mark.parametrize(
    ("text", "target", "message"),
    [
        (MULTI, "biuld", "there is no stage biuld; did you mean build?"),
        (MULTI, "elsewhere", "there is no stage elsewhere (stages: build, web, base, final, debug)"),
        ("FROM a", "0", "there is no stage 0 (no stage has a name)"),
    ],
)
def test_unknown_target(text: str, target: str, message: str) -> None:
    with pytest.raises(UsageError) as error:
        graph(text, target=target)
    assert str(error.value) == message


def test_references() -> None:
    found = graph(MULTI)
    assert [(r.kind, r.span.text, r.stage, r.image) for r in found.references] == [
        ("from", "golang:$V", None, "golang:1"),
        ("from", "node", None, "node"),
        ("from", "alpine", None, "alpine"),
        ("from", "base", 2, None),
        ("copy", "BUILD", 0, None),
        ("mount", "web", 1, None),
        ("from", "final", 3, None),
        ("copy", "0", 0, None),
        ("copy", "nginx:1", None, "nginx:1"),
    ]
    for reference in found.references:
        assert reference.instruction.span.contains(reference.span)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("COPY --from=later /a /b", "later is a stage below this one: only stages above can be used"),
        ("COPY --from=own /a /b", "own is the stage that it stands in: only stages above can be used"),
        ("COPY --from=7 /a /b", "there is no stage 7: the stages are 0 to 3"),
        ("COPY --from=-1 /a /b", "there is no stage -1: the stages are 0 to 3"),
        ("RUN --mount=from=later,target=/x y", "later is a stage below this one: only stages above can be used"),
    ],
)
def test_wrong_references(line: str, message: str) -> None:
    found = graph(f"FROM a AS first\nFROM b AS own\n{line}\nFROM c AS later\nFROM own\n")
    (problem,) = found.problems
    assert (problem.kind, problem.message, problem.refused) == ("bad-stage-reference", message, True)
    (reference,) = [r for r in found.references if r.kind != "from"]
    assert (reference.stage, reference.image) == (None, None)


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("FROM a AS x\nCOPY --from=y /a /b\nFROM b AS y\n", False),  # the target does not need x
        ("FROM a AS x\nCOPY --from=y /a /b\nFROM b AS y\nFROM x\n", True),
        ("FROM a AS x\nCOPY --from=x /a /b\nFROM b AS y\n", True),  # circles are looked for in all stages
        ("FROM a AS x\nCOPY --from=y /a /b\nFROM b AS y\nCOPY --from=x /a /b\nFROM c\n", True),
        ("FROM a AS x\nCOPY --from=y /a /b\nFROM x AS y\nFROM c\n", False),
        ("FROM a AS x\nCOPY --from=7 /a /b\nFROM b AS y\n", True),
    ],
)
def test_a_wrong_reference_stops_the_builds_that_come_to_it(text: str, refused: bool) -> None:
    found = graph(text)
    assert [problem.refused for problem in found.problems] in ([refused], [True, refused])


def test_a_number_too_large_for_the_builder_is_a_name() -> None:
    found = graph("FROM a\nCOPY --from=99999999999999999999 /a /b\n")
    assert found.problems == ()


def test_mounts_know_no_numbers() -> None:
    found = graph("FROM a\nFROM b\nRUN --mount=type=bind,from=0,target=/x y\n")
    assert [(r.stage, r.image) for r in found.references if r.kind == "mount"] == [(None, "0")]


def test_the_last_stage_of_a_name_counts() -> None:
    found = graph("FROM a AS x\nFROM b AS x\nFROM x\nCOPY --from=x /a /a\n")
    assert [r.stage for r in found.references] == [None, None, 1, 1]


def test_stage_names_are_lower_case_for_from() -> None:
    found = graph("FROM a AS Base\nFROM Base\n")
    (problem,) = found.problems
    assert problem.message == "FROM Base names no stage: stage names are in lower case, so write base"
    assert found.stages[1].parent == 0


def test_triggers_bring_their_references_to_the_child() -> None:
    found = graph("FROM a AS tool\nFROM b AS base\nONBUILD COPY --from=tool /t /t\nONBUILD ENV K=v\nFROM base\nRUN x\n")
    assert indexes(found, "reachable") == [0, 1, 2]
    assert graph(found.dockerfile.source.text, target="base").stages[0].reachable is False
    assert found.scope_at(found.dockerfile.instructions[-1]).get("K") == "v"
    trigger = next(node.trigger for node in found.dockerfile.instructions if isinstance(node, Onbuild))
    assert trigger and found.stage_of(trigger) == found.stages[1]


def test_unknown_base_image() -> None:
    (stage,) = graph("ARG IMAGE\nFROM $IMAGE:$TAG\n").stages
    assert (stage.image, stage.unknown) == (None, ("IMAGE", "TAG"))
    (stage,) = graph("ARG IMAGE\nFROM ${IMAGE:-debian}\n").stages
    assert (stage.image, stage.unknown) == ("debian", ())
    (stage,) = graph("ARG IMAGE\nFROM $IMAGE\n", IMAGE="x:1").stages
    assert stage.image == "x:1"


def test_platform_of_the_builder_is_unknown_but_not_undefined() -> None:
    (stage,) = graph("FROM repo/${TARGETARCH:-amd64}\n").stages
    assert (stage.image, stage.unknown) == (None, ("TARGETARCH",))
    assert graph("FROM repo/$TARGETARCH\n", TARGETARCH="arm64").stages[0].image == "repo/arm64"
    assert scope_of_last("FROM a\nRUN x\n").is_defined("TARGETARCH") is False
    scope = scope_of_last("FROM a\nARG TARGETARCH\nRUN x\n")
    assert scope.is_defined("TARGETARCH") and scope.is_given("TARGETARCH") and scope.get("TARGETARCH") is None
    assert scope_of_last("FROM a AS out\nARG TARGETSTAGE\nRUN x\n").get("TARGETSTAGE") == "out"


def test_global_args_are_seen_by_from_lines_only() -> None:
    text = "ARG V=1\nARG W=${V}2\nFROM a:$W\nRUN x\n"
    assert graph(text).stages[0].image == "a:12"
    assert scope_of_last(text).get("V") is None
    assert scope_of_last("ARG V=1\nFROM a\nARG V\nRUN x\n").get("V") == "1"
    assert scope_of_last("ARG V=1\nFROM a\nARG V=2\nRUN x\n").get("V") == "2"
    assert scope_of_last("ARG V=1\nFROM a\nARG V=2\nRUN x\n", V="3").get("V") == "3"


def test_an_instruction_sees_the_state_before_it() -> None:
    text = "FROM a\nENV A=1 B=$A\nENV A=2 C=$A\nARG D=1 E=$D\nRUN x\n"
    scope = scope_of_last(text)
    assert {name: scope.get(name) for name in "ABCDE"} == {"A": "2", "B": None, "C": "1", "D": "1", "E": "1"}
    found = graph(text)
    assert found.scope_at(found.dockerfile.instructions[1]).get("A") is None


def test_the_later_of_env_and_arg_wins() -> None:
    assert scope_of_last("FROM a\nARG A=arg\nENV A=env\nRUN x\n").get("A") == "env"
    scope = scope_of_last("FROM a\nENV A=env\nARG A=arg\nRUN x\n")
    assert (scope.get("A"), scope.env, scope.args) == ("arg", {"A": "env"}, {"A": "arg"})
    assert scope_of_last("FROM a\nENV A=env\nARG A\nRUN x\n").get("A") == "env"


def test_scopes_go_on_into_stages_built_from_them() -> None:
    text = "FROM a AS b\nARG A=1\nENV B=2\nFROM b\nENV C=$A$B\nRUN x\nFROM c\nRUN y\n"
    found = graph(text)
    run, other = (node for node in found.dockerfile.instructions if node.name == "RUN")
    assert found.scope_at(run).get("C") == "12"
    assert found.scope_at(other).env == {}


def test_expansion_in_a_scope() -> None:
    scope = scope_of_last("FROM a\nARG SET=1\nARG BARE\nRUN x\n")
    assert scope.expand("$SET${BARE:-d}").unknown == ()
    assert scope.expand("${FROM_THE_BASE:-d}").unknown == ("FROM_THE_BASE",)  # the image may define it
    assert scope.expand("$PATH").unknown == ("PATH",)
    assert scope_of_last("FROM scratch\nRUN x\n").expand("${A:-d}").unknown == ()
    assert "https_proxy" in PREDEFINED_ARGS


def test_values_that_double_at_every_line_become_unknown() -> None:
    text = "FROM a\nENV A=xxxxxxxxxxxxxxxx\n" + "ENV A=$A$A\n" * 200 + "RUN x\n"
    scope = scope_of_last(text)
    assert scope.get("A") is None and scope.is_given("A")


def test_many_variables() -> None:
    text = "FROM a\n" + "".join(f"ENV V{n}={n}\n" for n in range(3000)) + "RUN x\n"
    found = graph(text)
    last = found.scope_at(found.dockerfile.instructions[-1])
    assert [last.get(f"V{n}") for n in range(3000)] == [str(n) for n in range(3000)]
    assert len(last.env) == 3000
    middle = found.scope_at(found.dockerfile.instructions[1500])
    assert (middle.get("V1498"), middle.get("V1499")) == ("1498", None)


def test_no_stage() -> None:
    found = graph("ARG A=1\nRUN x\n")
    assert found.stages == ()
    assert found.stage_of(found.dockerfile.instructions[1]) is None
    assert found.scope_at(found.dockerfile.instructions[1]).get("A") == "1"
    assert graph("").stages == ()
