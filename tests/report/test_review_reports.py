"""Reviews: each suggestion, taken as the services take it, makes what applying the fix makes, inside of one hunk."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dfguard.changes import Changes, FileChange, Hunk
from dfguard.edit import Edit, Fix, apply
from dfguard.finding import Confidence, Finding, Severity
from dfguard.report import github_review, gitlab_review
from dfguard.report.replacement import merged, whole_lines
from dfguard.run import Result
from dfguard.source import Source, Span

sys.path.insert(0, os.path.dirname(__file__))
from edited_texts import findings_with_fix

FENCE = re.compile(r"^(`{3,})suggestion(?::-0\+(\d+))?\n(.*?)^\1$", re.MULTILINE | re.DOTALL)


def review_of(found: Finding, *hunks: Hunk, form: Any = github_review) -> Any:
    """The payload for one finding in a file whose change has these hunks."""
    assert isinstance(found.place, Span)
    path = found.place.path
    changes = Changes("/x", "b" * 40, "s" * 40, "h" * 40, (FileChange(path, "old/Dockerfile", hunks),))
    return json.loads(form.render(Result((found,), changes=changes)))


def new_lines(first: int, last: int) -> Hunk:
    return Hunk(first, (None,) * (last - first + 1))


def taken(text: str, first: int, last: int, suggestion: str) -> str:
    """The text with its lines replaced as a service does it, which keeps the file's line ends and its last one."""
    rows = text.split("\n")
    new = suggestion.split("\n")[:-1]
    if "\r\n" in text:
        new = [row + "\r" if first + at < len(rows) or last < len(rows) else row for at, row in enumerate(new)]
        if last == len(rows) and new:
            new = [*(row.rstrip("\r") + "\r" for row in new[:-1]), new[-1].rstrip("\r")]
    return "\n".join([*rows[: first - 1], *new, *rows[last:]])


@given(findings_with_fix())
def test_a_taken_suggestion_makes_what_applying_the_fix_makes(found: Finding) -> None:
    assert isinstance(found.place, Span)
    source = found.place.source
    everything = new_lines(1, len(source.line_starts))
    (comment,) = review_of(found, everything)["comments"]
    (note,) = review_of(found, everything, form=gitlab_review)
    block = FENCE.search(comment["body"])
    other = FENCE.search(note["body"])
    assert (block is None) is (other is None)
    if block is None or other is None:
        return
    wanted = apply(source, found.fixes[0].edits)
    first, last = comment.get("start_line", comment["line"]), comment["line"]
    assert taken(source.text, first, last, block[3]) == wanted
    line = note["position"]["new_line"]
    assert taken(source.text, line, line + int(other[2]), other[3]) == wanted


@pytest.mark.parametrize(
    ("text", "piece", "new", "lines"),
    [
        ("FROM a\nRUN x\nRUN y\n", "x", "z", (2, 2, ("RUN z",))),
        ("FROM a\nRUN x\nRUN y\n", "RUN x\n", "", (2, 2, ())),
        ("FROM a\nRUN x\nRUN y\n", "\nRUN x", "", (1, 2, ("FROM a",))),
        ("FROM a\r\nRUN 😀\tx\r\n", "x", "y \\\r\n  z", (2, 2, ("RUN 😀\ty \\", "  z"))),
        ("\ufeffFROM a\nRUN x", "a", "b", (1, 1, ("\ufeffFROM b",))),
        ("FROM a\nRUN x", "x", "y", (2, 2, ("RUN y",))),
        ("FROM a\nRUN x\n\n", "x\n", "x\nUSER 1\n", (2, 2, ("RUN x", "USER 1"))),
        ("FROM a\nRUN x\n\n", "x", "", (2, 2, ("RUN ",))),
    ],
)
def test_the_lines_that_a_suggestion_replaces(text: str, piece: str, new: str, lines: tuple[Any, ...]) -> None:
    source = Source("Dockerfile", text)
    at = text.index(piece)
    found = whole_lines(Edit(source.span(at, at + len(piece)), new))
    assert found is not None
    assert (found.first, found.last, found.new) == lines


def test_an_insertion_takes_a_neighbour_along() -> None:
    source = Source("Dockerfile", "FROM a\nRUN x\n")
    before = whole_lines(Edit(source.span(7, 7), "USER 1\n"))
    behind = whole_lines(Edit(source.span(13, 13), "USER 1\n"))
    assert before is not None and (before.first, before.last, before.new) == (2, 2, ("USER 1", "RUN x"))
    assert behind is not None and (behind.first, behind.last, behind.new) == (2, 2, ("RUN x", "USER 1"))


@pytest.mark.parametrize(
    ("text", "start", "end", "new"),
    [
        ("FROM a\nRUN x", 12, 12, "\n"),  # the end of the last line
        ("FROM a\nRUN x\n", 12, 13, ""),
        ("FROM a\r\nRUN x\n", 0, 4, "from"),  # two kinds of line ends
        ("FROM a\r\nRUN x\r\n", 6, 6, "\nUSER 1"),  # another kind
        ("\ufeffFROM a\n", 0, 1, ""),  # the mark at the start
    ],
)
def test_what_no_suggestion_can_say(text: str, start: int, end: int, new: str) -> None:
    assert whole_lines(Edit(Source("Dockerfile", text).span(start, end), new)) is None


TEXT = Source("Dockerfile", "FROM a\nRUN one\nRUN two\nRUN three\nRUN four\nRUN five\n")


def finding(line: int, *fixes: Fix, **more: Any) -> Finding:
    start = TEXT.line_starts[line - 1]
    place = TEXT.span(start, start + len(TEXT.line_text(line)))
    return Finding("DG410", "a-name", Severity.WARNING, Confidence.HIGH, "a message", place, fixes=fixes).but(**more)


def on(line: int, text: str) -> Edit:
    start = TEXT.line_starts[line - 1]
    return Edit(TEXT.span(start, start + len(TEXT.line_text(line))), text)


def test_a_fix_over_several_lines_must_lie_in_one_hunk() -> None:
    fix = Fix.unsafe("join", on(2, "RUN one && \\"), on(4, "three"))
    (inside,) = review_of(finding(2, fix), new_lines(2, 4))["comments"]
    assert {key: inside[key] for key in ("path", "start_line", "start_side", "line", "side")} == {
        "path": "Dockerfile", "start_line": 2, "start_side": "RIGHT", "line": 4, "side": "RIGHT",
    }  # fmt: skip
    assert inside["body"].endswith("```suggestion\nRUN one && \\\nRUN two\nthree\n```")
    (apart,) = review_of(finding(2, fix), new_lines(1, 2), new_lines(4, 5))["comments"]
    assert "start_line" not in apart and apart["line"] == 2
    assert "suggestion" not in apart["body"] and "Fix: join" in apart["body"]


def test_a_finding_in_no_hunk_is_told_above_the_comments() -> None:
    review = review_of(finding(6), new_lines(1, 2))
    assert review["comments"] == []
    assert review["event"] == "COMMENT"
    assert "- Dockerfile line 6: **warning** DG410 `a-name`: a message" in review["body"]
    assert review_of(finding(6), new_lines(1, 2), form=gitlab_review) == []


def test_a_fence_is_longer_than_the_backticks_in_it() -> None:
    fix = Fix.unsafe("x", on(2, "RUN echo ````"))
    (comment,) = review_of(finding(2, fix), new_lines(1, 6))["comments"]
    assert comment["body"].endswith("`````suggestion\nRUN echo ````\n`````")


def test_a_suggestion_that_would_hold_a_secret_is_left_out() -> None:
    source = Source("Dockerfile", "FROM a\nRUN echo ops:tiger77 | chpasswd && x\n")
    secret = source.span(source.text.index("tiger77"), source.text.index(" |"))
    fix = Fix.unsafe("x", Edit(source.span(source.text.index(" && x"), len(source.text) - 1), ""))
    review = review_of(finding(2).but(place=secret, secret=True, fixes=(fix,)), new_lines(1, 2))
    assert "tiger77" not in json.dumps(review)
    assert "Fix: x" in review["comments"][0]["body"] and "```" not in review["comments"][0]["body"]


def test_words_of_strangers_are_no_markdown() -> None:
    found = finding(2, message="see <img src=x> @team `x` [a](https://b.test)")
    (comment,) = review_of(found, new_lines(1, 6))["comments"]
    assert not any(each in comment["body"] for each in (" <img", "@team", " `x`", "[a](", "https://"))


@given(st.integers(1, 6))
def test_gitlab_is_told_the_old_line_of_lines_that_did_not_change(line: int) -> None:
    hunk = Hunk(1, (1, 2, None, None, 3, 4))
    (note,) = review_of(finding(line), hunk, form=gitlab_review)
    assert note["position"] == {
        "position_type": "text", "base_sha": "b" * 40, "start_sha": "s" * 40, "head_sha": "h" * 40,
        "old_path": "old/Dockerfile", "new_path": "Dockerfile", "new_line": line,
        **({} if hunk.olds[line - 1] is None else {"old_line": hunk.olds[line - 1]}),
    }  # fmt: skip


def test_edits_of_one_fix_become_one_with_what_lies_between() -> None:
    edit = merged(Fix.unsafe("x", on(4, "c"), on(2, "a")))
    assert edit is not None
    assert (edit.span.start_line, edit.span.end_line, edit.text) == (2, 4, "a\nRUN two\nc")
