"""A `#` inside a RUN comments out everything behind it, not only its line.

The builder joins continued lines before the shell sees them, so to the shell the whole RUN is one line, and
a comment in it ends with the RUN. What was meant to run behind it is silently left out, or the shell trips
over half a command.

```dockerfile bad
FROM alpine:3.20.3
RUN adduser -D app && \\
    mkdir /data && # volumes go here \\
#                  ^^^^^^^^^^^^^^^^^
    chown app /data
```

```dockerfile fixed
FROM alpine:3.20.3
RUN adduser -D app && \\
    # volumes go here
    mkdir /data && \\
#                  ^^^^^^^^^^^^^^^^^
    chown app /data
```

A line that holds nothing but a comment is dropped by the builder and does no harm. The lines of a
here-document are lines to the shell too: a comment ends with them.

```dockerfile good
FROM alpine:3.20.3
RUN adduser -D app && \\
    # volumes go here
    mkdir /data && \\
    chown app /data # the last line may end in one
RUN <<EOF
mkdir /cache # kept between builds
chown app /cache
EOF
```

The fix is unsafe because commands run that did not run before.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Confidence, Dockerfile, Edit, Fix, Found, Script, rule


@rule("DG604", "comment-swallows-command", severity="error")
def check(script: Script, dockerfile: Dockerfile) -> Iterator[Found]:
    """Visit the scripts, and look for comments that reach over the end of their line."""
    for comment in script.comments:
        first, *below = comment.text.split("\n")
        lost = [line for line in below if line.strip() and not line.lstrip().startswith("#")]
        if not lost:
            continue
        note = first.rstrip().removesuffix(dockerfile.escape)
        place = comment.sub(0, len(note.rstrip()))
        doubtful = any(gap.start < comment.start and not {"'", '"'}.isdisjoint(gap.text) for gap in script.gaps)
        lines, verb = ("the next line", "is") if len(lost) == 1 else (f"the next {len(lost)} lines", "are")
        source = comment.source
        begin = source.line_starts[source.line_of(comment.start) - 1]
        line = source.text[begin : comment.start]
        own = line[: len(line) - len(line.lstrip())] + note.rstrip() + ("\r\n" if first.endswith("\r") else "\n")
        yield Found(
            place,
            f"the builder joins the lines of a RUN, so {lines} also {verb} part of this comment: "
            "give it a line of its own",
            confidence=Confidence.LOW if doubtful else Confidence.HIGH,
            fixes=(
                Fix.unsafe(
                    "put the comment on a line of its own",
                    Edit(source.span(begin, begin), own),
                    Edit.delete(comment.sub(0, len(note))),
                ),
            ),
        )
