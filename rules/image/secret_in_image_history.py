"""The history of the image shows a secret: a build argument, or the text of a command.

`docker history --no-trunc` prints the values of all ARGs that a RUN could see, and the RUN itself. Use
`RUN --mount=type=secret`, whose value no builder records, and rotate what was shown.

```image bad
ARG NPM_TOKEN
RUN |1 NPM_TOKEN=kX7vb2Qpw41zR9 /bin/sh -c npm ci # buildkit
```

```image good
ARG VERSION
RUN |1 VERSION=1.2.3 /bin/sh -c npm ci # buildkit
RUN /bin/sh -c TOKEN=$(cat /run/secrets/t) fetch # buildkit
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, ImageSecret, rule


@rule(
    "DG903",
    "secret-in-image-history",
    severity="error",
    peers=("CIS-DI-0010",),
    no_fix="it is found in an image, which no edit of a text changes; the secret has to be revoked",
)
def check(secret: ImageSecret) -> Iterator[Found]:
    """Visit the secrets of an image."""
    if secret.where == "history":
        yield Found(
            secret.place,
            f"{secret.kind} in {secret.name!r} of the image's history: `docker history` shows it",
            confidence=secret.confidence,
        )
