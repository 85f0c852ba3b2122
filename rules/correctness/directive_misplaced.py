"""A parser directive that has no effect: it comes too late, is given twice, or is misspelt.

`# syntax=`, `# escape=` and `# check=` count only at the very top of the file. The first line that is
none of them ends that block, be it a comment, an empty line or a licence text. Below, they are plain
comments: the build goes on with another frontend or escape character than the file says.

```dockerfile bad
# Copyright 2026 Example Inc.

# syntax=docker/dockerfile:1
# <- ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
FROM scratch
```

```dockerfile bad
# sytnax=docker/dockerfile:1
# <- ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
FROM scratch
```

```dockerfile fixed
# syntax=docker/dockerfile:1
# <- ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
FROM scratch
```

```dockerfile good
#!/usr/bin/env -S docker build . -f
# syntax=docker/dockerfile:1

# The syntax = value form is explained in the manual.
FROM scratch
# check=skip=JSONArgsRecommended
CMD echo hello
```

Quiet: prose that mentions a directive, and `# check=skip=` above an instruction, which works there since
version 1.21 of the frontend. The fix is unsafe, because the file is read in another way with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Comment, Dockerfile, Edit, Fix, Found, Frontend, Problem, nearest, regex, rule

NAMES = ("syntax", "escape", "check")
FORM = regex(r"([A-Za-z]+)(\s*[=:]\s*|\s+)(\S+)")
OFFICIAL = regex(r"(?:docker\.io/)?docker/dockerfile(?:-upstream)?(?::[\w.-]+)?(?:@sha256:\w+)?")
IMAGE = regex(r"(?:[\w.-]+(?::\d+)?/)+[\w.-]+(?::[\w.-]+)?(?:@sha256:\w+)?")
EFFECTS = {
    "syntax": "the frontend built into the builder reads this file",
    "escape": "the escape character stays as it is",
    "check": "the build checks stay as they are",
}


@rule(
    "DG703",
    "directive-misplaced",
    peers=("INVALID_ESCAPE_DIRECTIVE", "DUPLICATED_ESCAPE_DIRECTIVE", "tally/syntax-directive-typo"),
)
def check(subject: Dockerfile | Problem, dockerfile: Dockerfile, frontend: Frontend | None) -> Iterator[Found]:
    """Visit directives that are refused, and the comments that were meant to be some."""
    if isinstance(subject, Problem):
        if subject.kind in ("duplicate-directive", "bad-directive"):
            yield Found(subject, subject.message)
        return
    if frontend is not None and frontend.foreign and (near := misspelt(frontend.image)):
        yield Found(frontend, f"no frontend is known by this name: did you mean {near}?")
    for item in dockerfile.items:
        if isinstance(item, Comment):
            yield from judge(item, dockerfile, frontend)


def misspelt(image: str) -> str | None:
    """The official image whose name is nearest to that of `image`, if it is not right already."""
    name, colon, tag = image.partition(":")
    near = nearest(name, ("docker/dockerfile",))
    return f"{near}{colon}{tag}" if near and near != name else None


def judge(comment: Comment, dockerfile: Dockerfile, frontend: Frontend | None) -> Iterator[Found]:
    """Whether a comment was meant to be a directive."""
    form = FORM.fullmatch(comment.text)
    name = nearest(form[1], NAMES) if form else None
    exact = form is not None and form[1].lower() == name and "=" in form[2]
    if form is None or name is None or not fits(name, form[3], exact=exact):
        return
    if frontend is not None and comment.span.contains(frontend.span):
        return  # behind a shebang
    text = f"# {name}={form[3]}"
    at_top = all(comment.span.end <= node.span.start for node in dockerfile.instructions[:1])
    if exact:
        where = "is not the first thing in the file" if at_top else "stands below the first instruction"
        message = f"this directive {where}, so it is a plain comment: {EFFECTS[name]}"
    else:
        message = f"this comment is no directive, so {EFFECTS[name]}: did you mean `{text}`?"
    yield Found(
        comment, message, fixes=(move(comment, text, dockerfile),) if dockerfile.directive(name) is None else ()
    )


def fits(name: str, value: str, *, exact: bool) -> bool:
    """Whether a value is one of that directive; names that differ are believed for clear values only."""
    if name == "escape":
        return value in ("\\", "`")
    if name == "check":
        return value.startswith("error=" if exact else ("error=", "skip="))
    return bool(OFFICIAL.fullmatch(value) or (exact and IMAGE.fullmatch(value)))


def move(comment: Comment, text: str, dockerfile: Dockerfile) -> Fix:
    """Put a directive at the top of the file."""
    source = dockerfile.source
    top = source.offset_of(1, 1)
    if comment.span.start == top:
        return Fix.unsafe(f"write {text}", Edit.replace(comment, text))
    end = "\r\n" if source.text.startswith("\r", comment.span.end) else "\n"
    row = source.text.find("\n", comment.span.end) + 1 or len(source.text)
    old = source.span(source.line_starts[comment.span.start_line - 1], row)
    return Fix.unsafe("move it to the top", Edit.delete(old), Edit.before(source.span(top, top), text + end))
