"""The configuration of the image holds a secret, in a variable, a label or a command.

`docker inspect` shows it to everybody who can pull the image, and every container inherits it. Give it when the
container starts, and rotate it.

```image bad
ADD rootfs.tar /
ENV DB_PASSWORD=kX7vb2Qpw41zR9
```

```image good
ADD rootfs.tar /
ENV DB_PASSWORD_FILE=/run/secrets/db
ENV DB_PASSWORD=
LABEL org.opencontainers.image.title=app
```
"""

from __future__ import annotations

from collections.abc import Iterator

from dfguard.api import Found, ImageSecret, rule


@rule(
    "DG902",
    "secret-in-image-config",
    severity="error",
    peers=("CIS-DI-0010",),
    no_fix="it is found in an image, which no edit of a text changes; the secret has to be revoked",
)
def check(secret: ImageSecret) -> Iterator[Found]:
    """Visit the secrets of an image."""
    if secret.where == "config":
        yield Found(
            secret.place,
            f"{secret.kind} in {secret.name!r} of the image's configuration: whoever has the image can read it",
            confidence=secret.confidence,
        )
