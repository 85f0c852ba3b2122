"""Comments that silence findings: what they say, what they speak for, what they silence."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfguard.dockerfile.parse import parse
from dfguard.finding import Confidence, Finding, Severity
from dfguard.source import ImagePlace, Source, Span
from dfguard.suppress import read_suppressions, split
from dfguard.suppression import Suppression


def read(text: str) -> tuple[Suppression, ...]:
    return read_suppressions(parse(Source("Dockerfile", text)))


def one(text: str) -> Suppression:
    (only,) = read(text)
    return only


def finding(place: Span | ImagePlace, code: str = "DG101", name: str = "a-name") -> Finding:
    return Finding(code, name, Severity.WARNING, Confidence.HIGH, "said", place)


def test_the_parts_of_a_comment_have_places() -> None:
    found = one("FROM a\n  # dfguard: ignore[DG101, a-name] -- the key is a dummy\nRUN b\n")
    assert found.span.text == "# dfguard: ignore[DG101, a-name] -- the key is a dummy"
    assert found.codes == ("DG101", "a-name")
    assert [word.span.text for word in found.words] == ["DG101", "a-name"]
    assert found.reason == "the key is a dummy"
    assert (found.kind, found.scope.text, found.problem) == ("instruction", "RUN b", None)


@pytest.mark.parametrize(
    "comment",
    [
        "# dfguard: ignore[DG101]",
        "#dfguard:ignore[DG101]",
        "## dfguard : ignore [ DG101 ] --",
        "# DFGUARD: Ignore[DG101]\r",
        "\t# dfguard: ignore[DG101] --  ",
    ],
)
def test_blanks_and_case_do_not_matter(comment: str) -> None:
    found = one(f"FROM a\n{comment}\nRUN b\n")
    assert (found.codes, found.reason, found.scope.text) == (("DG101",), "", "RUN b")


@pytest.mark.parametrize(
    ("text", "kind", "scope"),
    [
        ("FROM a\n# dfguard: ignore[DG101]\n\n# more\n\nRUN b\nRUN c\n", "instruction", "RUN b"),
        ("# dfguard: ignore[DG101]\nFROM a\nRUN b\nFROM c\nRUN d\n", "stage", "FROM a\nRUN b"),
        ("FROM a\nRUN b\n# dfguard: ignore[DG101]\nFROM c\nRUN d", "stage", "FROM c\nRUN d"),
        ("# dfguard: ignore[DG101]\nARG x\nFROM a\nRUN b\n", "instruction", "ARG x"),
        ("# syntax=docker/dockerfile:1\n# dfguard: ignore[DG101]\nFROM a\n", "stage", "FROM a"),
        ("FROM a\nRUN b \\\n  # dfguard: ignore[DG101]\n  c\nRUN d\n", "instruction", None),
        ("FROM a \\\n# dfguard: ignore[DG101]\n AS b\nRUN d\n", "instruction", None),
        ("FROM a\nRUN b\n# dfguard: ignore-file[DG101]\n", "file", None),
        ("FROM a\nRUN <<A\n# x\nA\n# dfguard: ignore[DG101]\nRUN d\n", "instruction", "RUN d"),
        ("FROM a\n# dfguard: ignore[DG101]\nONBUILD RUN d\n", "instruction", "ONBUILD RUN d"),
    ],
)
def test_what_a_comment_speaks_for(text: str, kind: str, scope: str | None) -> None:
    found = one(text)
    assert (found.kind, found.problem) == (kind, None)
    if kind == "file":
        assert found.scope.text == text
    elif scope is not None:
        assert found.scope.text == scope
    else:
        assert found.scope.contains(found.span)
        assert found.scope.text == text[found.scope.start :].split("\nRUN d")[0]


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN <<A\n# dfguard: ignore[DG101]\nA\n",
        "FROM a\nCOPY <<A /b\n# dfguard: forget it\nA\n",
        "FROM a\nONBUILD COPY <<A <<B /b\nA\n# dfguard: ignore[DG101]\nB\n",
        "# see dfguard: the docs\nFROM a\n",
        "# dfguard is good\nFROM a\n",
        "# hadolint is good\nFROM a\n",
        "FROM a\nLABEL dfguard: x\n",
        'FROM a\nRUN echo "dfguard: ignore[DG101]"\n',
        "",
    ],
)
def test_what_is_no_comment_of_ours(text: str) -> None:
    assert read(text) == ()


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# dfguard: ignore", "names no rule: write `ignore[DG101] -- reason`"),
        ("# dfguard: ignore DG101", "names no rule: write `ignore[DG101] -- reason`"),
        ("# dfguard: ignore-file", "names no rule: write `ignore-file[DG101] -- reason`"),
        ("# dfguard: ignore[]", "has an empty place in its brackets"),
        ("# dfguard: ignore[DG101,]", "has an empty place in its brackets"),
        ("# dfguard: ignore[DG101 DG102]", "has `DG101 DG102` in its brackets: expected codes"),
        ("# dfguard: ignore[DG1*]", "has `DG1*` in its brackets"),
        ("# dfguard: ignore[DG101", "lacks the closing bracket"),
        ("# dfguard: ignore[DG101] it is fine", "goes on behind its brackets"),
        ("# dfguard: ignore=DG101", "names no rule"),
        ("# dfguard: disable[DG101]", "is no form that dfguard knows: expected `# dfguard: ignore[DG101] -- reason`"),
        ("# dfguard: ignore-stage[DG101]", "is no form that dfguard knows"),
        ("# dfguard:", "is no form that dfguard knows"),
    ],
)
def test_a_comment_that_is_not_understood_is_a_problem_and_silences_nothing(comment: str, message: str) -> None:
    text = f"FROM a\n{comment}\nRUN b\n"
    found = one(text)
    assert found.problem is not None
    assert found.problem.message.startswith(f"this comment {message}")
    assert (found.problem.kind, found.problem.refused, found.problem.span.text) == ("bad-suppression", False, comment)
    one_finding = finding(found.scope.source.whole)
    assert split((one_finding,), (found,)) == ((one_finding,), (), ())


def test_a_comment_above_nothing_is_a_problem() -> None:
    found = one("FROM a\n# dfguard: ignore[DG101]\n\n# end\n")
    assert found.problem is not None
    assert "stands above no instruction" in found.problem.message


@pytest.mark.parametrize("line", ["RUN b # dfguard: ignore[DG101]", "RUN b \\\n  && c  #dfguard:ignore[DG101] -- x"])
def test_a_comment_behind_an_instruction_is_a_problem(line: str) -> None:
    found = one(f"FROM a\n{line}\nRUN d\n")
    assert found.problem is not None
    assert "put it on the line above" in found.problem.message
    assert found.problem.span.text == line[line.index("#") :]


TEXT = """\
# dfguard: ignore-file[DG900]
# dfguard: ignore[DG101] -- whole stage
FROM a
RUN one
# dfguard: ignore[a-name,DG410]
# dfguard: ignore[DG410]
RUN two && three
FROM b
RUN four
"""
SOURCE = Source("Dockerfile", TEXT)


def place(text: str) -> Span:
    start = TEXT.index(text)
    return SOURCE.span(start, start + len(text))


def silenced(*findings: Finding) -> tuple[list[Finding], list[str]]:
    """The findings that are silenced, and the unused words."""
    shown, hidden, unused = split(findings, read_suppressions(parse(SOURCE)))
    assert sorted([*shown, *hidden], key=id) == sorted(findings, key=id)
    return list(hidden), [f"{entry.span.start_line}:{entry.span.text}" for entry in unused]


def test_nothing_used() -> None:
    assert silenced() == ([], ["1:DG900", "2:DG101", "5:a-name", "5:DG410", "6:DG410"])


@pytest.mark.parametrize(
    ("one", "used"),
    [
        (finding(place("a"), "DG900", "x"), None),
        (finding(place("FROM a"), "DG101", "x"), "2:DG101"),
        (finding(place("one"), "DG101", "x"), "2:DG101"),
        (finding(place("three"), "DG101", "x"), "2:DG101"),
        (finding(place("three"), "DG101", "a-name"), "5:a-name"),
        (finding(place("RUN two"), "DG410", "x"), "5:DG410"),
        (finding(SOURCE.span(place("three").end, place("three").end), "DG410", "x"), "5:DG410"),
        (finding(place("four"), "DG900", "x"), "1:DG900"),
    ],
)
def test_the_narrowest_scope_silences_a_finding(one: Finding, used: str | None) -> None:
    hidden, unused = silenced(one)
    assert hidden == [one]
    everything = ["1:DG900", "2:DG101", "5:a-name", "5:DG410", "6:DG410"]
    assert unused == [word for word in everything if word != (used or "1:DG900")]


@pytest.mark.parametrize(
    "one",
    [
        finding(place("one"), "DG410", "x"),
        finding(place("FROM b"), "DG101", "x"),
        finding(place("four"), "DG101", "a-name"),
        finding(place("one"), "DG10", "x"),
        finding(Source("other/Dockerfile", TEXT).span(60, 70), "DG900", "x"),
        finding(ImagePlace("app", "config.User"), "DG900", "x"),
    ],
)
def test_what_is_not_silenced(one: Finding) -> None:
    assert silenced(one)[0] == []


def test_many_comments_and_findings_take_linear_time() -> None:
    count = 20_000
    text = "FROM a\n" + "# dfguard: ignore[DG101]\nRUN x\n" * count + "# dfguard: ignore[DG102]\n" * count
    source = Source("Dockerfile", text + "RUN y\n")
    dockerfile = parse(source)
    findings = [finding(item.span) for item in dockerfile.instructions]
    shown, hidden, unused = split(findings, read_suppressions(dockerfile))
    assert (len(shown), len(hidden), len(unused)) == (2, count, count)


PIECES = st.sampled_from(
    [
        *("FROM a\n", "RUN b \\\n", "RUN c\n", "ONBUILD ", "COPY <<A <<B /x\n", "RUN <<A\n", "A\n", "\\\n", "\r\n"),
        *("# dfguard: ignore[DG101]\n", "  # dfguard: ignore-file[x]", "# dfguard: ignore[", "]", " -- why"),
        *("dfguard:", "#", "\n"),
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_any_text_is_read(text: str) -> None:
    for found in read(text):
        assert found.span.text.lstrip().startswith("#")
        assert "\n" not in found.span.text
        assert (found.problem is None) == bool(found.words)
        assert found.kind == "file" or found.problem or found.scope.text
