"""The `gitlab-review` report: a list of bodies for `POST /projects/ID/merge_requests/IID/discussions`, one each.

Source: https://docs.gitlab.com/api/discussions/#create-a-new-thread-in-the-merge-request-diff
"""

from __future__ import annotations

from typing import Any

from dfguard.changes import Changes
from dfguard.report.json_report import sayable
from dfguard.report.replacement import Lines
from dfguard.report.review import Comment, changes_of, comments
from dfguard.run import Result


def render(result: Result) -> str:
    """The payloads as JSON text with a newline at its end."""
    import json

    changes = changes_of(result)
    told, _ = comments(result, changes, _fence)
    return json.dumps(sayable([_discussion(each, changes) for each in told]), indent=2) + "\n"


def _fence(lines: Lines) -> str:
    return f"suggestion:-0+{lines.last - lines.first}"


def _discussion(comment: Comment, changes: Changes) -> dict[str, Any]:
    hunk = changes.hunk(comment.path, comment.first, comment.first)
    old = None if hunk is None else hunk.old(comment.first)
    position = {
        "position_type": "text",
        "base_sha": changes.base,
        "start_sha": changes.start,
        "head_sha": changes.head,
        "old_path": changes.old_path(comment.path),
        "new_path": comment.path,
        "new_line": comment.first,
        **({} if old is None else {"old_line": old}),  # which lines that did not change need, and no others
    }
    return {"body": comment.body, "position": position}
