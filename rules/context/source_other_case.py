"""COPY, ADD or a bind mount writes a path in another letter case than the file has.

On macOS and Windows the file is found all the same where it lies, so nobody notices; in a build on Linux it
is not there.

```context
src/main.go
Makefile
```

```dockerfile bad
FROM golang:1.23.3
WORKDIR /src
COPY Src ./
#    ^^^
```

```dockerfile fixed
FROM golang:1.23.3
WORKDIR /src
COPY src ./
#    ^^^
```

```dockerfile good
FROM golang:1.23.3
WORKDIR /src
COPY src ./
COPY makefile* ./
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Absent, Edit, Fix, Found, rule


@rule("DG232", "source-other-case", severity="error", onbuild=True)
def check(absent: Absent) -> Iterator[Found]:
    """Visit the sources that take nothing."""
    if absent.kind != "other-case":
        return
    right, place = absent.found[0].path, absent.taking.place
    at = place.text.lower().find(right.lower())
    plain = at >= 0 and place.text[at : at + len(right)] == absent.path
    fix = Fix.unsafe(f"write {right}", Edit.replace(place.sub(at, at + len(right)), right)) if plain else None
    yield Found(
        place,
        f"{absent.path!r} is called {right!r}: a builder on Linux does not find it",
        confidence=absent.confidence,
        fixes=(fix,) if fix else (),
    )
