"""What is refused behind the parser, and where: the table of refusals_cases.toml, and what no table holds."""

from __future__ import annotations

import pytest
from refusals_table import CASES, Case

from dfguard.dockerfile.dispatch import build_problems
from dfguard.dockerfile.nodes import Problem
from dfguard.dockerfile.parse import parse
from dfguard.dockerfile.stages import build_graph
from dfguard.source import Source


def problems(text: str, *, target: str | None = None, contexts: tuple[str, ...] = (), **args: str) -> list[Problem]:
    graph = build_graph(parse(Source("Dockerfile", text)), target=target, build_args=args)
    return list(build_problems(graph, build_args=args, contexts=contexts))


def refused(text: str, **options: str) -> list[Problem]:
    return [problem for problem in problems(text, **options) if problem.refused]  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.shown[:60])
def test_the_table(case: Case) -> None:
    found = [p for p in problems(case.file) if p.refused or p.kind == "unset-argument"]
    first = (found[0].kind, found[0].span.text) if found else ("", "")
    assert first == (case.kind, case.place)
    assert all(p.message and "\n" not in p.message for p in found)


def test_the_table_is_large() -> None:
    assert len(CASES) >= 500
    assert sum(bool(case.kind) for case in CASES) >= 250
    assert len({case.shown for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("line", "message", "suggestion"),
    [
        ("LABEL a=it's",
         "a single quote is never closed: an apostrophe is written \\' outside of double quotes", "\\'"),
        ("LABEL a='b", "a single quote is never closed", None),
        ("ENV A=${B:info}", "${B:info} is no substitution that the builder knows: did you mean ${B:-info}?",
         "${B:-info}"),
        ("ENV A=${B^^}", "${B^^} is known to shells only, not to the builder", None),
        ("ENV A=${B", "${B can't be expanded: ${ is never closed", None),
        ("COPY <<E /a\n${B^^}\nE", "${B^^} can't be expanded: unsupported modifier (^) in substitution;"
         " quote the name of the heredoc (<<'EOF') if it is meant to stay", None),
        ("STOPSIGNAL SIGKIL", "SIGKIL is no signal: expected a name such as SIGTERM, or a number", "SIGKILL"),
        ("COPY --chmod=99 a /a", "--chmod=99 is no mode: expected octal digits such as 0755, or symbols such as"
         " u=rwX,go=rX", None),
        ("RUN --mount=type=cahce,target=/a b",
         "cahce is no type of mount (bind, cache, tmpfs, secret, ssh) (did you mean cache?)", "type=cache"),
        ("RUN --mount=type=cache,target=/a,size=1g b", "size is an option of tmpfs mounts, not of cache", None),
        ("RUN --mount=size=1g,type=tmpfs,target=/a b",
         "size is an option of tmpfs mounts, not of bind (type= must stand before it)", None),
        ("COPY --from=Nginx:1 /a /a",
         "Nginx:1 is no stage, and is no name of an image: these are in lower case, so write nginx:1", "nginx:1"),
        ("EXPOSE 80/http", "'80/http' has an unknown protocol: expected one of tcp, udp, sctp", None),
    ],
)  # fmt: skip
def test_how_it_is_said(line: str, message: str, suggestion: str | None) -> None:
    (problem,) = refused(f"FROM scratch\n{line}\n")
    assert (problem.message, problem.suggestion) == (message, suggestion)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ('FROM scratch\nENV A="b" \\\n  C="d" E=f \\\n  G="h\n', 4, 5),
        ("FROM scratch\nENV A='b' \\\n  # it's\n  C='d\n", 4, 5),
        ("# escape=`\nFROM scratch\nENV A=b `\n  C=${D!}\n", 4, 5),
        ("FROM scratch\r\nENV A=b \\\r\n  C=${D!}\r\n", 3, 5),
        ("FROM scratch\nCOPY <<E <<F /\n$a\nE\n$b ${c!}\nF\n", 5, 4),
        ("FROM scratch\nENV \\\n  A=${B:-$C}${D!}\n", 3, 13),
    ],
)
def test_places_behind_continuations_and_in_heredocs(text: str, line: int, column: int) -> None:
    (problem,) = refused(text)
    assert (problem.span.start_line, problem.span.source.column_of(problem.span.start)) == (line, column)


def test_build_arguments_take_the_place_of_defaults() -> None:
    assert refused('FROM scratch\nARG A="b\n')
    assert not refused('FROM scratch\nARG A="b\n', A="c")
    assert refused("ARG BASE=Alpine\nFROM $BASE\n")
    assert not refused("ARG BASE=Alpine\nFROM $BASE\n", BASE="alpine")
    assert [p.kind for p in problems("ARG BASE\nFROM $BASE\n")] == ["unset-argument"]
    assert problems("ARG BASE\nFROM $BASE\n", BASE="alpine") == []


def test_named_contexts_take_the_place_of_images_and_stages() -> None:
    text = "FROM Alpine AS a\nSTOPSIGNAL x\nFROM scratch\nCOPY --from=a /a /a\n"
    assert [p.kind for p in problems(text)] == ["bad-image", "bad-value"]
    assert problems(text, contexts=("Alpine", "a")) == []


def test_a_stage_that_the_target_does_not_need() -> None:
    text = "FROM scratch AS a\nSTOPSIGNAL x\nFROM scratch AS b\n"
    assert [(p.kind, p.refused) for p in problems(text)] == [("bad-value", False)]
    assert [(p.kind, p.refused) for p in problems(text, target="a")] == [("bad-value", True)]


@pytest.mark.parametrize("trigger", ['ENV A="b', "COPY a", "RUN --network=x true", "STOPSIGNAL x", "FOO x"])
def test_a_trigger_is_refused_where_it_runs(trigger: str) -> None:
    text = f"FROM scratch AS a\nONBUILD {trigger}\n"
    assert not refused(text)
    assert refused(f"{text}FROM a\n")
    assert not refused(f"{text}FROM a\nFROM scratch\n")


def test_another_frontend_may_take_it() -> None:
    assert not refused("# syntax=example.com/own:1\nFROM Scratch\nENV A=${B^^}\nSTOPSIGNAL x\n")


def test_what_is_too_long_for_us_is_no_refusal() -> None:
    doubled = "\n".join(f"ENV A{n}=$A{n - 1}$A{n - 1}" for n in range(1, 40))
    assert not refused(f"FROM scratch\nENV A0=ab\n{doubled}\nWORKDIR ${{A39}}\n")
