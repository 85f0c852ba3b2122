"""What BuildKit refuses, what it only misreads, and how we say it."""

from __future__ import annotations

import pytest

from dfguard.dockerfile.nodes import Problem
from dfguard.dockerfile.parse import parse
from dfguard.source import Source


def problems(text: str) -> list[Problem]:
    return list(parse(Source("Dockerfile", text)).problems)


def below_from(line: str) -> Problem:
    (problem,) = problems(f"FROM a\n{line}\n")
    return problem


@pytest.mark.parametrize(
    ("line", "kind", "place", "message"),
    [
        ("RUM x", "unknown-instruction", "RUM", "unknown instruction RUM: did you mean RUN?"),
        ("COPPY a b", "unknown-instruction", "COPPY", "unknown instruction COPPY: did you mean COPY?"),
        ("\\", "unknown-instruction", "\\", "a continuation character with no instruction behind it"),
        ("COPY --form=b a c", "bad-flag", "--form=b", "COPY knows no flag --form: did you mean --from?"),
        ("ADD --from=b a c", "bad-flag", "--from=b", "ADD knows no flag --from: it is a flag of COPY"),
        ("USER --x a", "bad-flag", "--x", "USER knows no flag --x"),
        ("COPY --from=b --from=c a d", "bad-value", "--from=c", "--from is given twice"),
        ("COPY --chown a b", "bad-value", "--chown", "--chown needs a value: --chown=..."),
        ("COPY --link=no a b", "bad-value", "no", "--link=no: the value is true or false"),
        ("RUN --network=nome x", "bad-value", "nome",
         "--network=nome: the value is one of default, none, host (did you mean none?)"),
        ("RUN --mount= x", "bad-mount", "--mount=", "--mount= can't be read: it is empty"),
        ("RUN --mount=from=$A,target=/x y", "bad-mount", "--mount=from=$A,target=/x",
         "from= takes no variables: name a stage (FROM $IMAGE AS name) and mount from that"),
        ("HEALTHCHECK --interval=5 CMD x", "bad-value", "5",
         "--interval=5: the value is a duration with a unit, such as 30s, 5m or 1m30s"),
        ("HEALTHCHECK --timeout=1us CMD x", "bad-value", "1us", "--timeout=1us: the value is at least 1ms"),
        ("HEALTHCHECK --retries=-1 CMD x", "bad-value", "-1",
         "--retries=-1: the value is a whole number, 0 or more"),
        ("CMD [\"a\", 1]", "bad-json", "1", "the JSON form of CMD may hold strings in double quotes only"),
        ("COPY a", "missing-arguments", "COPY", "COPY needs a source and a destination"),
        ("COPY a <<E\nE", "bad-arguments", "<<E", "the destination of COPY can't be a heredoc"),
        ("ENV", "missing-arguments", "ENV", "ENV needs a KEY=value"),
        ("ENV A", "bad-arguments", "A",
         "A lacks a value: ENV takes KEY=value ..., and quotes around a value with blanks"),
        ("ENV A=b hunter2", "bad-arguments", "hunter2",
         "a word without =: ENV takes KEY=value ..., and quotes around a value with blanks"),
        ("ENV =b", "bad-arguments", "=b", "ENV has a value without a key"),
        ("ARG", "missing-arguments", "ARG", "ARG needs a name: ARG NAME[=default]"),
        ("ARG =b", "bad-arguments", "=b", "ARG has a default without a name"),
        ("FROM", "missing-arguments", "FROM", "FROM needs an image: FROM image[:tag] [AS name]"),
        ("FROM a AS", "bad-arguments", "a AS", "FROM takes an image, or an image AS a name"),
        ("FROM a AS 1b", "bad-arguments", "1b",
         "1b can't name a stage: a letter, then letters, digits, -, _ and . only"),
        ("HEALTHCHECK", "missing-arguments", "HEALTHCHECK", "HEALTHCHECK needs CMD and a command, or NONE"),
        ("HEALTHCHECK CMD", "missing-arguments", "HEALTHCHECK", "HEALTHCHECK CMD needs a command"),
        ("HEALTHCHECK NONE x", "bad-arguments", "x", "HEALTHCHECK NONE takes no arguments"),
        ("HEALTHCHECK curl x", "bad-arguments", "curl", "HEALTHCHECK is followed by CMD or NONE, not by CURL"),
        ("SHELL bash -c", "bad-arguments", "bash -c",
         'SHELL takes the JSON form only: SHELL ["program", "argument"]'),
        ("SHELL []", "missing-arguments", "SHELL", 'SHELL needs a program: SHELL ["program", "argument"]'),
        ('VOLUME ["", "/a"]', "bad-arguments", "", "VOLUME has an empty path"),
        ("WORKDIR", "missing-arguments", "WORKDIR", "WORKDIR needs a path"),
        ("ONBUILD", "missing-arguments", "ONBUILD", "ONBUILD needs an instruction"),
        ("ONBUILD FROM b", "bad-arguments", "FROM", "FROM is not allowed behind ONBUILD"),
        ("RUN <<EOF\n EOF", "unterminated-heredoc", "<<EOF",
         "the heredoc <<EOF is never closed: a line that holds only EOF must follow"
         " (there is one with blanks around it, which do not belong there)"),
    ],
)  # fmt: skip
def test_refused(line: str, kind: str, place: str, message: str) -> None:
    problem = below_from(line)
    assert (problem.kind, problem.span.text, problem.message, problem.refused) == (kind, place, message, True)


@pytest.mark.parametrize(
    ("line", "kind", "message"),
    [
        ("CMD ['a']", "bad-json",
         "the JSON form of CMD is broken, so BuildKit takes it as shell text: single quotes: JSON wants double quotes"),
        ('COPY ["a", "b",]', "bad-json",
         "the JSON form of COPY is broken, so BuildKit takes it as words: a comma before the closing ]"),
        (r'CMD ["C:\dir"]', "bad-json",
         "the JSON form of CMD is broken, so BuildKit takes it as shell text:"
         " a single \\ inside a string: JSON wants \\\\"),
        ("RUN a \\\n\n\n b", "blank-continuation",
         "an empty line inside an instruction: BuildKit goes on below it and will refuse it one day"),
        ("ARG --x A", "bad-flag", "ARG takes no flags: BuildKit ignores them"),
        ("RUN", "missing-arguments", "RUN has no command"),
        ("ONBUILD RUM x", "unknown-instruction", "unknown instruction RUM: did you mean RUN?"),
        ("ONBUILD COPY a", "missing-arguments", "COPY needs a source and a destination"),
    ],
)  # fmt: skip
def test_misread_but_not_refused(line: str, kind: str, message: str) -> None:
    problem = below_from(line)
    assert (problem.kind, problem.message, problem.refused) == (kind, message, False)


@pytest.mark.parametrize(
    "line",
    [
        "RUN [ -f x ] && y",
        'RUN [ "$x" = y ] && z',
        "RUN [[ a ]]",
        "COPY --from=b --link --exclude=x --exclude=y a c",
        "HEALTHCHECK --interval=1h2m3.5s --retries=0 CMD x",
        "HEALTHCHECK --interval=0 CMD x",
        "RUN --mount=type=$T,sharing=${S:-locked},target=/x y",
        "RUN --device=nvidia.com/gpu=all,required x",
        "ENTRYPOINT",
        "CMD []",
        "run \\\n # note\n a",
    ],
)
def test_nothing_to_say(line: str) -> None:
    assert problems(f"FROM a\n{line}\n") == []


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("", "empty-file", "there is no instruction in this file"),
        ("# only a comment\n", "empty-file", "there is no instruction in this file"),
        ("ARG A\n", "no-stage", "there is no FROM in this file"),
        ("ENV A=b\nRUN c\nFROM a\n", "no-stage", "ENV stands before the first FROM, where only ARG is allowed"),
        ("# escape=`\n# escape=`\nFROM a\n", "duplicate-directive",
         "a second escape directive: BuildKit allows each directive once"),
        ("# escape=x\nFROM a\n", "bad-directive", "escape=x: the escape character is either \\ or `"),
        ("FROM a\nRUN \0\n", "nul", "a NUL byte: this is no text file"),
        ("FROM a\nRUN " + "x" * 65_532 + "\n", "line-too-long",
         "a line of 65,536 bytes: BuildKit reads at most 65,535 bytes a line"),
    ],
)  # fmt: skip
def test_of_the_file(text: str, kind: str, message: str) -> None:
    (problem,) = problems(text)
    assert (problem.kind, problem.message, problem.refused) == (kind, message, True)


def test_longest_line() -> None:
    assert problems("FROM a\nRUN " + "x" * 65_531 + "\n") == []
    assert [problem.kind for problem in problems("FROM a\nRUN " + "é" * 32_766 + "\n")] == ["line-too-long"]


def test_lines_of_one_command_are_one_problem() -> None:
    (problem,) = problems("FROM a\nRUN apt-get update\n&& apt-get install\n  curl\nCMD x\n")
    assert problem.span.text == "&&"
    assert problem.message == (
        "unknown instruction &&: if it belongs to the RUN above,"
        " a continuation character is missing at the end of that line"
    )


@pytest.mark.parametrize(
    ("syntax", "refused"),
    [
        ("docker/dockerfile:1", True),
        ("docker.io/docker/dockerfile:1.7-labs", True),
        ("docker/dockerfile-upstream:master", True),
        ("ghcr.io/acme/frontend:2", False),
    ],
)
def test_a_foreign_frontend_may_know_more(syntax: str, refused: bool) -> None:
    found = problems(f"# syntax={syntax}\nFROM a\nINCLUDE b\nCOPY --strange a b\n")
    assert [(problem.kind, problem.refused) for problem in found] == [
        ("unknown-instruction", refused),
        ("bad-flag", refused),
    ]


def test_a_frontend_is_found_behind_a_shebang_and_in_other_comments() -> None:
    for head in ("#!/usr/bin/env x\n# syntax=a/b\n", "// syntax=a/b\n"):
        assert not any(p.kind == "unknown-instruction" and p.refused for p in problems(f"{head}FROM a\nNEW b\n"))
    assert any(p.refused for p in problems(" # syntax=a/b\nFROM a\nNEW b\n"))  # only in column 1


def test_the_rest_is_still_read() -> None:
    read = parse(Source("Dockerfile", "FROM a\nRUM x\nENV A\nCOPY b\nUSER c\n"))
    assert [node.name for node in read.instructions] == ["FROM", "RUM", "ENV", "COPY", "USER"]
    assert [problem.span.start_line for problem in read.problems] == [2, 3, 4]
