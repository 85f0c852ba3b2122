"""The payloads of reviews held against what the services document, strictly: no key that they do not name.

The shapes are written down here from the documents; nothing of them is copied:
https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request,
https://docs.gitlab.com/api/discussions/#create-a-new-thread-in-the-merge-request-diff and
https://github.com/reviewdog/reviewdog/blob/master/proto/rdf/reviewdog.proto (and proto/rdf/jsonschema beside it).
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from dfguard.changes import Changes, FileChange, Hunk
from dfguard.finding import Finding, Severity
from dfguard.report import github_review, gitlab_review, rdjson
from dfguard.run import Result, RunError
from dfguard.source import ImagePlace, Span

sys.path.insert(0, os.path.dirname(__file__))
from edited_texts import findings_with_fix

STRING, LINE = {"type": "string"}, {"type": "integer", "minimum": 1}
TEXT = {"type": "string", "minLength": 1}
SHA = {"type": "string", "pattern": "^[0-9a-f]{40}$"}
SIDE = {"enum": ["LEFT", "RIGHT"]}
LEVEL = {"enum": ["UNKNOWN_SEVERITY", "ERROR", "WARNING", "INFO"]}


def thing(required: str, **properties: Any) -> dict[str, Any]:
    """An object that has these properties and no others."""
    names = required.split()
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


def several(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


# `start_line` comes with `start_side`, and lies above `line`, which the test looks at itself.
GITHUB = thing(
    "event body comments",
    commit_id=SHA,
    body=TEXT,
    event={"enum": ["APPROVE", "REQUEST_CHANGES", "COMMENT"]},
    comments=several(
        {
            **thing(
                "path body line side", path=TEXT, body=TEXT, line=LINE, side=SIDE, start_line=LINE, start_side=SIDE
            ),
            "dependencies": {"start_line": ["start_side"], "start_side": ["start_line"]},
        }
    ),
)
GITLAB = several(
    thing(
        "body position",
        body=TEXT,
        position=thing(
            "position_type base_sha start_sha head_sha old_path new_path new_line",
            position_type={"enum": ["text", "image", "file"]},
            base_sha=SHA,
            start_sha=SHA,
            head_sha=SHA,
            old_path=TEXT,
            new_path=TEXT,
            new_line=LINE,
            old_line=LINE,
        ),
    )
)
POSITION = thing("line", line=LINE, column=LINE)
RANGE = thing("start", start=POSITION, end=POSITION)
LOCATION = thing("path", path=TEXT, range=RANGE)
REVIEWDOG_SOURCE = thing("name", name=TEXT, url=STRING)
REVIEWDOG = thing(
    "diagnostics",
    source=REVIEWDOG_SOURCE,
    severity=LEVEL,
    diagnostics=several(
        thing(
            "message location",
            message=TEXT,
            location=LOCATION,
            severity=LEVEL,
            source=REVIEWDOG_SOURCE,
            code=thing("value", value=TEXT, url=STRING),
            suggestions=several(thing("range text", range=RANGE, text=STRING)),
            original_output=STRING,
            related_locations=several(thing("location", message=STRING, location=LOCATION)),
        )
    ),
)


def result_of(found: Finding) -> Result:
    assert isinstance(found.place, Span)
    hunk = Hunk(1, (None, 2, *((None,) * 60)))
    file = FileChange(found.place.path, "old/Dockerfile", (hunk,))
    return Result((found,), changes=Changes("/x", "b" * 40, "c" * 40, "d" * 40, (file,)))


@given(findings_with_fix())
def test_reviews_for_github(found: Finding) -> None:
    data = json.loads(github_review.render(result_of(found)))
    Draft7Validator(GITHUB).validate(data)
    assert all(comment.get("start_line", 0) < comment["line"] for comment in data["comments"])


def test_a_review_that_comments_on_no_line_is_one_as_well() -> None:
    """GitHub asks for a body where the event is COMMENT."""
    empty = Result((), changes=Changes("/x", "b" * 40, "c" * 40, "d" * 40, ()))
    Draft7Validator(GITHUB).validate(json.loads(github_review.render(empty)))


@given(findings_with_fix())
def test_discussions_for_gitlab(found: Finding) -> None:
    Draft7Validator(GITLAB).validate(json.loads(gitlab_review.render(result_of(found))))


@given(findings_with_fix())
def test_diagnostics_for_reviewdog(found: Finding) -> None:
    Draft7Validator(REVIEWDOG).validate(json.loads(rdjson.render(result_of(found))))


@pytest.mark.parametrize("severity", Severity)
def test_reviewdog_knows_every_level_and_every_kind_of_place(severity: Severity) -> None:
    @settings(max_examples=20)
    @given(findings_with_fix())
    def check(found: Finding) -> None:
        assert isinstance(found.place, Span)
        place = ImagePlace("app:1", "config.Env")
        errors = (RunError("Dockerfile", "can't be read"),)
        both = (found.but(severity=severity), found.but(severity=severity, place=place, fixes=()))
        Draft7Validator(REVIEWDOG).validate(json.loads(rdjson.render(Result(both, errors=errors))))

    check()


@pytest.mark.parametrize("wrong", [{"body": ""}, {"event": "LATER"}, {"more": 1}])
def test_the_shapes_refuse_what_they_should(wrong: dict[str, Any]) -> None:
    right = {"event": "COMMENT", "body": "x", "comments": []}
    assert Draft7Validator(GITHUB).is_valid(right)
    assert not Draft7Validator(GITHUB).is_valid({**right, **wrong})
