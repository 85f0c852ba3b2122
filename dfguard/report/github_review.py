"""The `github-review` report: the body of `POST /repos/OWNER/NAME/pulls/NUMBER/reviews`, as it is sent.

GitHub refuses a whole review if one comment lies outside of a hunk, or its lines in several, so none does.
Source: https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request
"""

from __future__ import annotations

from typing import Any

from dfguard.report.json_report import sayable
from dfguard.report.review import Comment, changes_of, comments, overview
from dfguard.run import Result

_SIDE = "RIGHT"


def render(result: Result) -> str:
    """The payload as JSON text with a newline at its end."""
    import json

    told, outside = comments(result, changes_of(result), lambda lines: "suggestion")
    data = {"event": "COMMENT", "body": overview(told, outside), "comments": [_comment(each) for each in told]}
    return json.dumps(sayable(data), indent=2) + "\n"


def _comment(comment: Comment) -> dict[str, Any]:
    several = {"start_line": comment.first, "start_side": _SIDE} if comment.first < comment.last else {}
    return {"path": comment.path, **several, "line": comment.last, "side": _SIDE, "body": comment.body}
