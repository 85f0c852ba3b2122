"""The plain report, as a user sees it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dfguard.edit import Edit, Fix, Gone
from dfguard.finding import Confidence, Finding, Related, Severity
from dfguard.report.cells import width
from dfguard.report.mask import mask_secrets
from dfguard.report.plain import render
from dfguard.run import Build, NotRun, Result, RunError
from dfguard.source import ImagePlace, LayerPlace, Source, Span

DOCKERFILE = Source(
    "docker/Dockerfile",
    """\
FROM node:20
WORKDIR /app
COPY .env package.json ./
RUN npm ci \\
 && npm run build \\
 && npm test \\
 && npm prune \\
 && rm .env
RUN apt-get install -y curl
RUN one
RUN two
""",
)
IGNORE = Source(".dockerignore", "*.log\n!.env\n")


def at(text: str, source: Source = DOCKERFILE) -> Span:
    """The only place of a text."""
    assert source.text.count(text) == 1
    start = source.text.index(text)
    return source.span(start, start + len(text))


def finding(place: Span | LayerPlace | ImagePlace, **changes: Any) -> Finding:
    return Finding("DG101", "a-name", Severity.ERROR, Confidence.HIGH, "said so", place).but(**changes)


def plain(*findings: Finding, color: bool = False, unicode: bool = True, width: int = 100, **fields: Any) -> str:
    return render(Result(findings, files=("docker/Dockerfile",), **fields), color=color, unicode=unicode, width=width)


def snippet(*findings: Finding, **options: Any) -> str:
    """The report between the position and the remarks."""
    lines = plain(*findings, **options).split("\n")
    return "\n".join(lines[2 : next(n for n, line in enumerate(lines) if "= " in line and "help" in line)])


def test_a_finding_in_full() -> None:
    one = finding(
        at(".env package").sub(0, 4),
        message="`.env` stays in its layer",
        confidence=Confidence.MEDIUM,
        related=(Related(at("rm .env"), "removed here"), Related(at("!.env", IGNORE), "let through by this line")),
        fixes=(
            Fix.unsafe("mount it", Edit.delete(at("!.env", IGNORE))),
            Fix.declared("drop it", differences=(Gone("/app/.env"),)),
        ),
        builds=("api", "web"),
        not_in=("worker",),
    )
    assert plain(one) == (
        """\
error[DG101] a-name: `.env` stays in its layer
 --> docker/Dockerfile:3:6
  |
3 | COPY .env package.json ./
  |      ^^^^
...
8 |  && rm .env
  |     ------- removed here
 ::: .dockerignore:2:1
  |
2 | !.env
  | ----- let through by this line
  |
  = confidence: medium
  = builds: api, web; not worker
  = fix available: mount it [unsafe]
  = or: drop it [declared]
  = help: dfguard rule DG101

Found 1 finding (1 error) in 1 file; 1 fixable by dfguard fix.
"""
    )


def test_several_marks_on_one_line() -> None:
    one = finding(at("install"), related=(Related(at("curl"), "this one"), Related(at("apt-get"), "by this")))
    assert snippet(one) == (
        """\
  |
9 | RUN apt-get install -y curl
  |             ^^^^^^^
  |     ------- by this
  |                        ---- this one
  |"""
    )


def test_a_single_line_between_two_marks_is_shown() -> None:
    assert snippet(finding(at("WORKDIR"), related=(Related(at("RUN npm ci"), "r"),))) == (
        """\
  |
2 | WORKDIR /app
  | ^^^^^^^
3 | COPY .env package.json ./
4 | RUN npm ci \\
  | ---------- r
  |"""
    )


def test_a_span_over_few_lines_gets_a_bar() -> None:
    one = finding(at("RUN one\nRUN two"), related=(Related(at("one"), "the first"), Related(at("curl"), "before")))
    assert snippet(one) == (
        """\
   |
 9 |   RUN apt-get install -y curl
   |                          ---- before
10 | / RUN one
   |       --- the first
11 | | RUN two
   | |_______^
   |"""
    )


def test_a_span_over_many_lines_is_cut_short() -> None:
    run = at("RUN npm").to(at("rm .env"))
    assert snippet(finding(run, related=(Related(at("npm run build"), "here"),))) == (
        """\
  |
4 | / RUN npm ci \\
5 | |  && npm run build \\
  | |     ------------- here
... |
8 | |  && rm .env
  | |___________^
  |"""
    )


def test_of_two_spans_that_overlap_the_main_one_gets_the_bar() -> None:
    first = at("RUN one\n")
    one = finding(at("one\nRUN"), related=(Related(at("curl\nRUN one"), "other"),))
    assert first.start_line == 10
    assert snippet(one) == (
        """\
   |
 9 |   RUN apt-get install -y curl
   |                          ---- other
10 | / RUN one
11 | | RUN two
   | |___^
   |"""
    )


def test_a_place_without_characters_gets_one_caret() -> None:
    assert "9 | RUN apt-get install -y curl\n  |                            ^\n" in snippet(
        finding(DOCKERFILE.span(at("curl").end, at("curl").end))
    )


def test_bom_and_windows_line_ends_are_not_shown() -> None:
    source = Source("D", "\ufeffFROM a\r\nRUN b\r\n")
    assert snippet(finding(source.span(1, 5))) == "  |\n1 | FROM a\n  | ^^^^\n  |"
    assert snippet(finding(source.span(0, 16))) == "  |\n1 | / FROM a\n2 | | RUN b\n  | |_____^\n  |"


@pytest.mark.parametrize(
    ("text", "span", "shown", "carets"),
    [
        ("\tRUN\tx", (5, 6), "    RUN x", "        ^"),
        ("ENV 日本=語 X", (4, 6), "ENV 日本=語 X", "    ^^^^"),
        ("ENV 日本=語 X", (9, 10), "ENV 日本=語 X", "            ^"),
        ("# 😀 x", (4, 5), "# 😀 x", "     ^"),
        ("# e\u0301 x", (5, 6), "# e\u0301 x", "    ^"),
        ("A \x1b[31m\x07 z", (3, 7), "A \\x1b[31m\\x07 z", "      ^^^^"),
        ("A \u202e\u2066 z", (5, 6), "A \\u202e\\u2066 z", "               ^"),
        ("A \u200d\u00a0\u2028 z", (6, 7), "A \\u200d\\xa0\\u2028 z", "                   ^"),
        ("A \udcff z", (4, 5), "A \\xff z", "       ^"),
        ("A \U000e0041 z", (4, 5), "A \\U000e0041 z", "             ^"),
        ("A\rB", (2, 3), "A\\x0dB", "     ^"),
    ],
)
def test_carets_stand_under_what_a_terminal_shows(text: str, span: tuple[int, int], shown: str, carets: str) -> None:
    source = Source("D", f"{text}\n")
    assert snippet(finding(source.span(*span))) == f"  |\n1 | {shown}\n  | {carets}\n  |"


def test_without_unicode_all_is_ascii() -> None:
    source = Source("é", "# 日 é\n" + "x" * 200)
    text = plain(finding(source.span(4, 5), message="é"), finding(source.span(100, 103)), unicode=False)
    assert text.isascii()
    assert "1 | # \\u65e5 \\xe9\n  |          ^^^^\n" in text
    assert " \\xe9:1:5" in text
    assert "..." in text


def test_long_lines_are_cut_around_the_span() -> None:
    source = Source("D", "RUN " + "a" * 300 + " here " + "b" * 300 + " there\n")
    here = source.text.index(" here") + 1
    assert snippet(finding(source.span(here, here + 4)), width=40) == (
        "  |\n1 | …aaaaaaaaa here bbbbbbbbbbbbbbbbbbbbbbbbb…\n  |            ^^^^\n  |"
    )
    start = finding(source.span(0, 3), related=(Related(source.span(611, 616), "end"),))
    assert snippet(start, width=40) == (
        "  |\n"
        "1 | RUN aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…\n"
        "  | ^^^\n"
        "1 | …bbbbbbbbb there\n"
        "  |            ----- end\n"
        "  |"
    )
    whole = finding(source.span(0, len(source.text) - 1))
    assert snippet(whole, width=40).split("\n")[2] == "  | " + "^" * 40


def test_secrets_in_source_lines_are_masked_in_place() -> None:
    token = "ghp_" + "x7Kq2LmZ9vRt4WpB8sYc" + "NdF3hJ6gTaUeQo12"
    source = Source("D", f"# é\nRUN curl -H 日 {token} https://x\n")
    text = plain(finding(at("https", source)))
    assert token not in text
    assert token[:8] not in text
    assert "2 | RUN curl -H 日 " + "*" * len(token) + " https://x\n" in text
    assert text.split("\n")[4] == "  | " + " " * (16 + len(token)) + "^^^^^"


def test_a_key_over_several_lines_is_masked_on_each() -> None:
    begin, end = (f"-----{word} RSA PRIVATE KEY-----" for word in ("BEGIN", "END"))
    body = ["MIIEpAIBAAKCAQEAx7Kq2LmZ9vRt4WpB8sYcNdF3hJ6gTaUeQo", "y1Rk5VfXo2iLwPbEzS0CgHnMjDuAqBtKxWlYvZrGsOdQpTcFhN"]
    source = Source("D", "\n".join(["FROM a", "COPY <<A /k", begin, *body * 6, end, "A", "RUN b", ""]))
    lines = tuple(Related(source.span(start, start + 1), "k") for start in source.line_starts[3:7])
    text = plain(finding(source.span(0, 4), related=lines))
    assert not any(line in text for line in body)
    assert "\n4 | " + "*" * len(body[0]) + "\n" in text
    assert "RUN b" in plain(finding(at("RUN b", source)))


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=())))
def test_a_mask_without_secrets_changes_nothing(text: str) -> None:
    assert mask_secrets(text) == text


def test_names_and_messages_cannot_steer_the_terminal() -> None:
    source = Source("a\x1b[2Jb", "FROM x\n")
    text = plain(
        finding(source.span(0, 1), message="m\n\x1b]0;t\x07", related=(Related(source.span(1, 2), "\x9b2J"),)),
        errors=(RunError("e\x1bc", "\x08"),),
        notes=("n\x1b",),
        not_run=(NotRun("DG1", "p\r", "w\x1b"),),
        builds=(Build("b", "d\x1b", source="inferred: \x1b"),),
    )
    assert not re.search(r"[^\n -~]", text)


def test_colours_only_where_asked_for() -> None:
    one = finding(at("npm run build \\\n && npm test"), related=(Related(at("curl"), "x"),))
    colored = plain(one, color=True)
    assert "\x1b[1;31merror[DG101]\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain(one)


def test_places_in_an_image() -> None:
    one = finding(
        LayerPlace("app:1", "sha256:ab", "/app/.env"),
        related=(Related(at("COPY"), "by this"), Related(ImagePlace("app:1", "config.User"), "as this user")),
    )
    assert plain(one).startswith(
        """\
error[DG101] a-name: said so
 --> app:1, layer sha256:ab, /app/.env
 ::: docker/Dockerfile:3:1
  |
3 | COPY .env package.json ./
  | ---- by this
  |
  = as this user: app:1, config.User
"""
    )


def test_of_many_related_places_the_first_are_shown() -> None:
    one = finding(at("COPY"), related=tuple(Related(at("curl"), f"r{n}") for n in range(30)))
    assert "r7" in plain(one)
    assert "r8" not in plain(one)
    assert "= and 22 more places\n" in plain(one)


def test_what_was_not_run_is_told_by_reason() -> None:
    files = ("a", "b", "c")
    not_run = (
        *(NotRun(f"DG20{n}", file, "no build context") for file in files for n in range(3)),
        *(NotRun(f"DG30{n}", "a", "no build context") for n in range(2)),
        *(NotRun("DG900", file, "no image") for file in ("a", "b")),
        *(NotRun(f"DG5{n:02}", file, "no flow") for file in files for n in range(12)),
        NotRun("all", "b", "holds no instruction"),
    )
    assert render(Result(not_run=not_run, files=files), color=False) == (
        """\
note: 3 rules not run: no build context (DG200, DG201, DG202)
note: 2 rules not run on a: no build context (DG300, DG301)
note: 1 rule not run on 2 files: no image (DG900)
note: 12 rules not run: no flow (DG500, DG501, DG502, DG503, DG504, DG505, DG506, DG507 and 4 more)
note: no rule run on b: holds no instruction
No findings in 3 files.
"""
    )


def test_a_file_that_was_not_checked_at_all_is_named() -> None:
    result = Result(not_run=(NotRun("all", "b", "holds no instruction"),))
    assert render(result, color=False) == "note: no rule run on b: holds no instruction\nNo file was checked.\n"


def test_inferred_build_contexts_are_told() -> None:
    builds = (
        Build("a", "a/Dockerfile", "a", None, "inferred: the folder of the Dockerfile"),
        Build("a2", "a/Dockerfile", "a", "dev", "inferred: the folder of the Dockerfile"),
        Build("b", "b/Dockerfile", "b", None, "inferred: the folder of the Dockerfile"),
        Build("c", "c/Dockerfile", ".", None, "inferred: its COPY sources lie there"),
        Build("d", "d/Dockerfile", ".", None, "command line"),
    )
    assert render(Result(builds=builds, files=("a",)), color=False) == (
        """\
note: build context of 2 Dockerfiles inferred: the folder of the Dockerfile
note: build context of c/Dockerfile inferred: its COPY sources lie there
No findings in 1 file.
"""
    )


ERROR = finding(at("COPY"))
WARNING = finding(at("COPY"), severity=Severity.WARNING)
INFO = finding(at("COPY"), severity=Severity.INFO)


@pytest.mark.parametrize(
    ("result", "summary"),
    [
        (Result(files=("a", "b", "c")), "No findings in 3 files."),
        (Result(), "No file was checked."),
        (Result(hidden=2), "No findings; 2 low-confidence findings hidden (--pedantic shows them)."),
        (
            Result((ERROR, WARNING, WARNING), hidden=1, files=("docker/Dockerfile", "b")),
            "Found 3 findings (1 error, 2 warnings) in 1 of 2 files; "
            "1 low-confidence finding hidden (--pedantic shows it).",
        ),
        (
            Result((INFO, INFO), hidden=1200, suppressed=1, files=("docker/Dockerfile",)),
            "Found 2 findings (2 info) in 1 file; 1,200 low-confidence findings hidden (--pedantic shows them); "
            "1 finding suppressed by comments.",
        ),
        (
            Result((finding(IGNORE.span(0, 1)), ERROR), files=("docker/Dockerfile",)),
            "Found 2 findings (2 errors) in 2 files.",
        ),
        (Result((finding(ImagePlace("i", "k")),), files=("a",)), "Found 1 finding (1 error)."),
        (
            Result(errors=(RunError("x", "is a folder"),), files=("a",)),
            "No findings in 1 file; could not check everything (1 error).",
        ),
    ],
)
def test_the_last_line_sums_up(result: Result, summary: str) -> None:
    assert render(result, color=False).split("\n")[-2] == summary


def test_errors_are_counted_and_left_to_standard_error() -> None:
    result = Result(errors=(RunError("x", "is a folder"), RunError("", "rule DG101 crashed")))
    assert render(result, color=False) == "No file was checked; could not check everything (2 errors).\n"


LINES = st.text(st.characters(exclude_categories=(), exclude_characters="\n"), max_size=60)


@settings(max_examples=100, deadline=None)
@given(st.lists(LINES, min_size=1, max_size=7), st.data())
def test_any_source_is_drawn_within_its_width_and_without_control_characters(
    lines: list[str], data: st.DataObject
) -> None:
    source = Source("D", "\n".join(lines))
    offsets = st.integers(0, len(source.text))
    spans = [source.span(*sorted((data.draw(offsets), data.draw(offsets)))) for _ in range(3)]
    text = plain(finding(spans[0], related=tuple(Related(span, "r") for span in spans[1:])), width=30)
    assert text.replace("\n", "").isprintable()
    body = [line for line in text.split("\n") if re.match(r"\s*\d+ \|", line)]
    assert body
    assert all(width(line) <= 30 + len("1 | / ") + 2 for line in body)
    assert "^" in text


def test_a_line_of_a_million_characters_takes_no_time_per_finding() -> None:
    source = Source("D", "RUN " + "a b " * 250_000)
    findings = [finding(source.span(n * 1000, n * 1000 + 1)) for n in range(300)]
    assert plain(*findings).count("…\n") == 300
