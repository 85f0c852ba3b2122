"""COPY, ADD or a bind mount names what the ignore file drops: the builder never gets to see it.

The build stops with "not found", though the file is there for everybody to see; a pattern whose every
match is dropped copies nothing, and says nothing. BuildKit's own check of this kind is silent as soon as the
ignore file has one `!` line; here the line that decides is found with BuildKit's own walk.

```context
.dockerignore = node_modules\\ndist\\n*.md
dist/app.js = 1
README.md
```

```dockerfile bad
FROM nginx:1.27.2
COPY dist /usr/share/nginx/html
#    ^^^^
COPY *.md /usr/share/doc/
#    ^^^^
```

```context
.dockerignore = node_modules\\ndist/*.map\\n*.md\\n!README.md
dist/app.js = 1
README.md
```

```dockerfile good
FROM nginx:1.27.2
COPY dist /usr/share/nginx/html
COPY *.md /usr/share/doc/
```

`dfguard why PATH` tells which line to change.
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Absent, Found, HasSpan, Severity, rule


@rule(
    "DG231",
    "source-ignored",
    severity="error",
    peers=("CopyIgnoredFile",),
    onbuild=True,
    no_fix="either the line that copies or the line that drops is wrong",
)
def check(absent: Absent) -> Iterator[Found]:
    """Visit the sources that take nothing."""
    if absent.kind != "ignored":
        return
    entry = absent.found[0]
    pattern = entry.pattern
    related: tuple[tuple[HasSpan, str], ...] = ((pattern.span, "this line drops it"),) if pattern else ()
    by = f"{pattern.span.path}:{pattern.span.start_line}" if pattern else "the ignore file"
    is_pattern = absent.path == absent.taking.source and any(char in absent.path for char in "*?[")
    if is_pattern:
        number = len(absent.found)
        what = f"the one match {entry.path!r} is" if number == 1 else f"all {number} matches are"
        message = f"{what} dropped by {by}: nothing is copied, without a word"
    else:
        what = f"{entry.path!r}, where it lies," if entry.path != absent.path else f"{absent.path!r}"
        message = f"{what} is dropped by {by}: the build does not find it"
    yield Found(
        absent.taking.place,
        message,
        related=related,
        severity=Severity.WARNING if is_pattern else None,
        confidence=absent.confidence,
    )
