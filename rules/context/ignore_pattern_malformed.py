"""A line of the ignore file that the builder can't read as a pattern.

Patterns are those of Go: a bracket opens a set of characters, a backslash escapes. Some mistakes stop
every build before a file is looked at. Others show only when the builder gets to compare the line with a
file: an exception is compared with what lines above it have dropped, and with nothing else.

```context
src/main.go = package main
Dockerfile = FROM scratch\\nCOPY src /src
```

```dockerignore bad
*.log
docs/[draft
# <- ^^^^^^^^^^^
```

A backslash takes a bracket as what it is:

```dockerignore good
*.log
docs/\\[draft
```

A tab or another control character in a pattern, mostly in front of a comment, ends the build too: Docker Engine 26
says `header key "exclude-patterns" contains value with non-printable ASCII characters`, and no line. (It does not if
some other character of the patterns is none of ASCII: then all of them are sent encoded.)

A pattern that no build ever compares with a file does no harm yet: that is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import BuildContext, Confidence, Found, IgnoreFile, Severity, rule

NAMES = {"\t": "a tab", "\r": "a carriage return", "\0": "a NUL byte"}


@rule(
    "DG217",
    "ignore-pattern-malformed",
    severity="error",
    no_fix="the builder refuses the line, so no build shows what it was to match",
)
def check(ignore: IgnoreFile, context: BuildContext | None) -> Iterator[Found]:
    """Visit every ignore file."""
    for error in ignore.errors:
        yield Found(error.span, f"{error.message}: every build stops here")
    yield from controls(ignore)
    met = {error.span for error in context.errors if error.fatal} if context is not None else set()
    for fault in ignore.faults:
        if fault.span in met:
            yield Found(fault.span, f"{fault.message}: the build stops when it compares this line with a file")
        elif not ignore.errors and not met:
            yield Found(
                fault.span,
                f"{fault.message}: no build stops, as long as this line is compared with no file; it has no effect",
                severity=Severity.WARNING,
            )
        else:
            yield Found(fault.span, f"{fault.message}: the build stops once it compares this line with a file")


def controls(ignore: IgnoreFile) -> Iterator[Found]:
    """Control characters; they travel in a header that is encoded only for what is not ASCII.

    https://github.com/moby/buildkit/blob/master/session/filesync/filesync.go, encodeStringForHeader. A file with
    a NUL beside each letter is UTF-16, and has a rule of its own.
    """
    text = "".join(pattern.text for pattern in ignore.patterns)
    if not text.isascii() or text.count("\0") > len(text) * 0.3:
        return
    for pattern in ignore.patterns:
        found = next((char for char in pattern.text if char < " " or char == "\x7f"), None)
        if found is not None:
            ends = " (lines end with a line feed, a carriage return alone ends none)" if found == "\r" else ""
            yield Found(
                pattern,
                f"{NAMES.get(found, 'a control character')} stands in the pattern{ends}: Docker Engine 26 ends every "
                "build there, complaining of a header with non-printable characters",
                confidence=Confidence.MEDIUM,
            )
