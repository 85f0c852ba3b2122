"""A blank behind `<<`: whether a heredoc begins there depends on the version of BuildKit.

Shells allow `<< EOF`. BuildKit reads it as a heredoc since version 1.16 of the frontend (BuildKit 0.22,
May 2025); older ones take the lines below for instructions and refuse the file. `<<- EOF` is none up
to today. It also hits those who never thought of a heredoc: `$((1 << 3))` begins one named `3))`.

```dockerfile bad
FROM debian:12.8-slim
RUN << EOF
#   ^^^^^^
echo hello
EOF
```

```dockerfile fixed
FROM debian:12.8-slim
RUN <<EOF
#   ^^^^^^
echo hello
EOF
```

```dockerfile good
FROM debian:12.8-slim
RUN <<EOF
echo $((1 << 3)) > /eight
EOF
RUN echo $((1<<3)) > /eight
```

Quiet where `# syntax=` pins a frontend that knows it, low with `docker/dockerfile:1`, which is mostly
new enough. The fix leaves the image as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dfguard.api import Add, Confidence, Copy, Edit, Fix, Found, Frontend, Run, Severity, regex, rule

BLANK = regex(r"(\d*<<-?)[ \t]+")
NO_HEREDOC = regex(r"(?<![<\d])(\d*<<-)[ \t]+(?=['\"]?[A-Za-z_])[^\s<>;|&]+")
SINCE = (1, 16)
FAR = 20_000  # characters in which the line that would close a heredoc is looked for


@rule("DG715", "heredoc-opener-with-blank", onbuild=True)
def check(instruction: Run | Copy | Add, frontend: Frontend | None) -> Iterator[Found]:
    """Visit the instructions that may hold heredocs."""
    version = frontend.version if frontend else None
    for heredoc in instruction.heredocs:
        blank = BLANK.match(heredoc.opener.text)
        if blank is None or (version is not None and version >= SINCE):
            continue
        if heredoc.terminator is None:
            message = f"<< begins a heredoc named {heredoc.name!r} in new versions of BuildKit: leave out the blanks"
            yield Found(heredoc.opener, message, severity=Severity.ERROR)
            continue
        tight = Edit.replace(heredoc.opener, heredoc.opener.text.replace(blank[0], blank[1], 1))
        yield Found(
            heredoc.opener,
            "a blank behind << makes a heredoc in new versions of BuildKit only: leave it out",
            severity=Severity.ERROR if version else None,
            confidence=Confidence.LOW if frontend and version is None else Confidence.HIGH,
            fixes=(Fix.identical("leave out the blank", tight),),
        )
    if instruction.exec_form is None and not instruction.heredocs and "<<-" in instruction.arguments.text:
        yield from never(instruction)


def never(instruction: Run | Copy | Add) -> Iterator[Found]:
    """`<<- NAME` where a line with that name stands somewhere below."""
    source = instruction.span.source
    for match in NO_HEREDOC.finditer(instruction.arguments.text):
        name = match[0][len(match[1]) :].strip().strip("'\"")
        below = source.text[instruction.span.end : instruction.span.end + FAR]
        if re.search(rf"^\t*{re.escape(name)}\r?$", below, re.MULTILINE):
            opener = instruction.arguments.sub(*match.span())
            tight = Edit.replace(opener, match[1] + match[0][len(match[1]) :].lstrip())
            yield Found(
                opener,
                "<<- with a blank behind it begins no heredoc for BuildKit: leave out the blank",
                severity=Severity.ERROR,
                fixes=(Fix.unsafe("leave out the blank", tight),),
            )
            return
