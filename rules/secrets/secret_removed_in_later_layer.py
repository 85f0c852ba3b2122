"""A secret file is copied into one layer and removed in a later one: it stays in the image.

Every instruction makes a layer, and layers are only ever added. `rm` writes a marker that hides the
file from the container; the layer below still holds it, and everybody who can pull the image can
read it with `docker save`.

```context
.env = API_TOKEN=glpat-ThisIsNotARealToken00
app.py = print("hello")
```

```dockerfile bad
FROM python:3.12.7-slim
WORKDIR /app
COPY .env app.py ./
#    ^^^^
RUN python app.py
RUN rm .env
CMD ["python", "app.py"]
```

Mount the secret for the one command that needs it, as `dfguard fix --unsafe-fixes` does; a mount is never part of a
layer. Build with `docker build --secret id=env,src=.env .`

```dockerfile fixed
FROM python:3.12.7-slim
WORKDIR /app
COPY app.py ./
#    ^^^^
RUN --mount=type=secret,id=env,target=/app/.env,required=true python app.py
CMD ["python", "app.py"]
```

Not reported: files of stages whose layers do not ship, and files that the same RUN made and removed.
A secret that an image with this layer has ever carried must be replaced, not only removed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from dfguard.api import Fix, Found, Refusal, SecretCopy, Some, rule

if TYPE_CHECKING:
    from dfguard.api import Surroundings


@rule("DG101", "secret-removed-in-later-layer", severity="error")
def check(copy: SecretCopy) -> Iterator[Found]:
    """Visit the secrets that one COPY or ADD brings, and name those that a later layer removes."""
    for confidence in sorted({arrival.secret.confidence for arrival in copy.arrivals}, key=lambda found: found.rank):
        left = [arrival for arrival in copy.arrivals if arrival.secret.confidence is confidence]
        hidden = [(arrival, arrival.removed) for arrival in left if arrival.removed is not None]
        if hidden:
            first, removed = hidden[0]
            more = f" and {len(hidden) - 1} more" if len(hidden) > 1 else ""
            what = f"{first.secret.kind} {first.added.origin.shown!r}{more}"
            yield Found(
                copy.span,
                f"{what} {'stays' if len(hidden) == 1 else 'stay'} in this layer although a later one removes "
                f"{'it' if len(hidden) == 1 else 'them'}",
                related=((removed.place, "removed here: the layer above still holds it"),),
                confidence=confidence,
                claim=Some(tuple(arrival.claim for arrival, _ in hidden)),
            )


@check.fix
def fix(copy: SecretCopy, around: Surroundings) -> Iterator[Fix | Refusal]:
    """Mount it for the RUNs between the COPY and what removes it."""
    from dfguard.api import mounted_file

    yield mounted_file(copy, around)
